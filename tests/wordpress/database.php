<?php
// Connects to the database server, which may still be starting.
function connect_to_database() {
	mysqli_report( MYSQLI_REPORT_OFF );
	$deadline = time() + 60;
	while ( true ) {
		$database = @new mysqli( 'localhost', 'root', '', '', 0, getenv( 'EVERTOKEN_WORDPRESS_SOCKET' ) );
		if ( ! $database->connect_errno ) {
			return $database;
		}
		if ( time() > $deadline ) {
			fwrite( STDERR, "error: the database does not start: $database->connect_error\n" );
			exit( 1 );
		}
		usleep( 50000 );
	}
}
