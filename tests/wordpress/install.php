<?php
// Creates the database of an empty site. The argument is the folder of WordPress.
require __DIR__ . '/database.php';
connect_to_database()->query( 'CREATE DATABASE wordpress CHARACTER SET utf8mb4' );

define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = 'localhost';
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
// The installation would send a mail.
function wp_new_blog_notification() {}
wp_install( 'A shop', 'admin', 'admin@shop.example', false, '', 'password of a test' );
if ( ! get_option( 'siteurl' ) ) {
	fwrite( STDERR, "error: WordPress could not be installed\n" );
	exit( 1 );
}
