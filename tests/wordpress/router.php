<?php
// Lets PHP's own web server serve WordPress: files as they are, and everything else by index.php.
$path = $_SERVER['DOCUMENT_ROOT'] . parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
if ( is_file( $path ) || is_file( "$path/index.php" ) ) {
	return false;
}
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
