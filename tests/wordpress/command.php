<?php
// Commands of the tests: command.php FOLDER COMMAND [ARGUMENT]. Prints JSON.
require __DIR__ . '/database.php';
connect_to_database();
$_SERVER['HTTP_HOST'] = wp_host();
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/plugin.php';

const PLUGIN = 'evertoken-feed/evertoken-feed.php';

function wp_host() {
	return substr( getenv( 'EVERTOKEN_WORDPRESS_URL' ), strlen( 'http://' ) );
}

// Activates the plug-in.
function activate() {
	$error = activate_plugin( PLUGIN );
	return is_wp_error( $error ) ? $error->get_error_message() : null;
}

// Publishes a page and returns its address. The argument is its content.
function publish( $content ) {
	$page = array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Photos', 'post_content' => wp_slash( $content ) );
	return get_permalink( wp_insert_post( $page ) );
}

function options_of_the_plugin() {
	global $wpdb;
	return $wpdb->get_col( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE '%evertoken%' ORDER BY option_name" );
}

// Lets the argument's number of seconds pass for all copies.
function pass( $seconds ) {
	foreach ( options_of_the_plugin() as $name ) {
		$value = get_option( $name );
		if ( is_array( $value ) ) {
			$value['good'] -= (int) $seconds;
			$value['next'] -= (int) $seconds;
			update_option( $name, $value );
		} else {
			update_option( $name, $value - (int) $seconds );
		}
	}
	return null;
}

function uninstall() {
	deactivate_plugins( PLUGIN );
	uninstall_plugin( PLUGIN );
	return options_of_the_plugin();
}

echo wp_json_encode( call_user_func( $argv[2], ...array_slice( $argv, 3 ) ) );
