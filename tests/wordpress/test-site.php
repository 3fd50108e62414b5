<?php
// A must-use plug-in of the site under test.
// The feed is on this machine, at a free port, which WordPress refuses otherwise. All other addresses stay refused.
function is_on_the_host_of_the_feed( $url ) {
	return 0 === strpos( $url, getenv( 'EVERTOKEN_WORDPRESS_FEED' ) . '/' );
}
add_filter(
	'http_request_host_is_external',
	function ( $external, $host, $url ) {
		return $external || is_on_the_host_of_the_feed( $url );
	},
	10,
	3
);
add_filter(
	'http_allowed_safe_ports',
	function ( $ports, $host, $url ) {
		return is_on_the_host_of_the_feed( $url ) ? array( (int) wp_parse_url( $url, PHP_URL_PORT ) ) : $ports;
	},
	10,
	3
);
// WordPress's own script would load pictures of emoji from its maker.
remove_action( 'wp_head', 'print_emoji_detection_script', 7 );
remove_action( 'wp_print_styles', 'print_emoji_styles' );
