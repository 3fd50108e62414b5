<?php
/**
 * Plugin Name:       Evertoken Feed
 * Description:       Shows your Instagram posts from an Evertoken feed. No token, no script, no request to Instagram.
 * Version:           0.1.0
 * Requires at least: 6.1
 * Requires PHP:      7.4
 * License:           MIT
 * License URI:       https://opensource.org/license/mit
 * Text Domain:       evertoken-feed
 *
 * @package Evertoken_Feed
 */

defined( 'ABSPATH' ) || exit;

const EVERTOKEN_FEED_FRESH   = 5 * MINUTE_IN_SECONDS;
const EVERTOKEN_FEED_RETRY   = MINUTE_IN_SECONDS;
const EVERTOKEN_FEED_KEPT    = WEEK_IN_SECONDS;
const EVERTOKEN_FEED_TIMEOUT = 5;
const EVERTOKEN_FEED_LIMIT   = 1048576;

add_action( 'init', 'evertoken_feed_register' );
register_uninstall_hook( __FILE__, 'evertoken_feed_uninstall' );

/**
 * Registers the block and the shortcode.
 */
function evertoken_feed_register() {
	wp_register_script(
		'evertoken-feed-block',
		false,
		array( 'wp-blocks', 'wp-block-editor', 'wp-components', 'wp-element', 'wp-i18n', 'wp-server-side-render' ),
		'0.1.0',
		true
	);
	wp_add_inline_script( 'evertoken-feed-block', evertoken_feed_editor_script() );
	wp_set_script_translations( 'evertoken-feed-block', 'evertoken-feed' );
	register_block_type(
		'evertoken/feed',
		array(
			'api_version'     => 2,
			'title'           => __( 'Evertoken Feed', 'evertoken-feed' ),
			'description'     => __( 'Shows your Instagram posts.', 'evertoken-feed' ),
			'category'        => 'embed',
			'icon'            => 'format-gallery',
			'attributes'      => array(
				'src' => array(
					'type'    => 'string',
					'default' => '',
				),
			),
			'supports'        => array(
				'align' => array( 'wide', 'full' ),
				'html'  => false,
			),
			'editor_script'   => 'evertoken-feed-block',
			'render_callback' => 'evertoken_feed_block',
		)
	);
	add_shortcode( 'evertoken_feed', 'evertoken_feed_shortcode' );
}

/**
 * Renders the block.
 *
 * @param array $attributes Attributes of the block.
 * @return string HTML.
 */
function evertoken_feed_block( $attributes ) {
	$html = evertoken_feed_render( isset( $attributes['src'] ) ? $attributes['src'] : '' );
	return '' === $html ? '' : sprintf( '<div %s>%s</div>', get_block_wrapper_attributes(), $html );
}

/**
 * Renders the shortcode [evertoken_feed src="..."]. The content of the shortcode is shown if there is no feed.
 *
 * @param array|string $attributes Attributes of the shortcode.
 * @param string|null  $content    Content of the shortcode.
 * @return string HTML.
 */
function evertoken_feed_shortcode( $attributes, $content = '' ) {
	$attributes = shortcode_atts( array( 'src' => '' ), $attributes, 'evertoken_feed' );
	return evertoken_feed_render( $attributes['src'], (string) $content );
}

/**
 * Returns the feed, or the fallback. Editors get an explanation instead of an empty place.
 *
 * @param mixed  $src      Address of the feed.
 * @param string $fallback HTML that is shown if there is no feed.
 * @return string HTML.
 */
function evertoken_feed_render( $src, $fallback = '' ) {
	$url  = evertoken_feed_address( $src );
	$html = '' === $url ? '' : evertoken_feed_fragment( $url );
	if ( '' !== $html || '' !== $fallback || ! current_user_can( 'edit_posts' ) ) {
		return '' === $html ? $fallback : $html;
	}
	$reason = '' === $url
		? __( 'Enter the address of your feed. It starts with https:// and ends in .html.', 'evertoken-feed' )
		: __( 'The feed cannot be loaded. Check its address. Visitors do not see this message.', 'evertoken-feed' );
	return '<p>' . esc_html( $reason ) . '</p>';
}

/**
 * Returns the address of the HTML fragment. The address of the JSON file is accepted as well.
 *
 * @param mixed $src Address of the feed.
 * @return string Address, or an empty string if it cannot be one.
 */
function evertoken_feed_address( $src ) {
	if ( ! is_string( $src ) ) {
		return '';
	}
	// The visual editor writes & as an entity in shortcodes.
	$url = esc_url_raw( trim( html_entity_decode( $src ) ), array( 'http', 'https' ) );
	return (string) preg_replace( '/\.(json|atom)$/', '.html', $url );
}

/**
 * Returns the fragment, from the cache if it was fetched a short time ago. If the feed's server fails, the last good copy
 * is used for a week. If the server says that the feed no longer exists, the copy is deleted.
 *
 * @param string $url Address of the fragment.
 * @return string Sanitized HTML, or an empty string.
 */
function evertoken_feed_fragment( $url ) {
	$key  = 'evertoken_feed_' . md5( $url );
	$copy = get_transient( $key );
	if ( ! is_array( $copy ) || ! isset( $copy['html'], $copy['good'], $copy['next'] ) ) {
		$copy = array(
			'html' => '',
			'good' => 0,
			'next' => 0,
		);
	}
	if ( time() < $copy['next'] ) {
		return $copy['html'];
	}
	// Written before the request, so that other visitors get the copy in the meantime and do not wait.
	$copy['next'] = time() + EVERTOKEN_FEED_RETRY;
	evertoken_feed_keep( $key, $copy );
	$html = evertoken_feed_fetch( $url );
	if ( is_string( $html ) ) {
		$copy = array(
			'html' => $html,
			'good' => time(),
			'next' => time() + ( '' === $html ? EVERTOKEN_FEED_RETRY : EVERTOKEN_FEED_FRESH ),
		);
		evertoken_feed_keep( $key, $copy );
	}
	return $copy['html'];
}

/**
 * Writes a copy to the cache, until a week after it was fetched.
 *
 * @param string $key  Name of the transient.
 * @param array  $copy HTML, time at which it was fetched, and time of the next request.
 */
function evertoken_feed_keep( $key, $copy ) {
	$kept = '' === $copy['html'] ? EVERTOKEN_FEED_FRESH : $copy['good'] + EVERTOKEN_FEED_KEPT - time();
	set_transient( $key, $copy, max( 1, $kept ) );
}

/**
 * Requests the fragment.
 *
 * @param string $url Address of the fragment.
 * @return string|null Sanitized HTML, an empty string if the feed no longer exists, or null if the request failed.
 */
function evertoken_feed_fetch( $url ) {
	$response = wp_safe_remote_get(
		$url,
		array(
			'timeout'             => EVERTOKEN_FEED_TIMEOUT,
			'redirection'         => 2,
			// Without PHP's curl extension, this counts chunks with their lengths, so a truncated body is a little shorter.
			'limit_response_size' => 2 * EVERTOKEN_FEED_LIMIT,
			'headers'             => array( 'Accept' => 'text/html' ),
		)
	);
	$status   = wp_remote_retrieve_response_code( $response );
	// CloudFront answers 403 for a deleted feed, because it may not list the bucket of the files.
	if ( in_array( $status, array( 403, 404, 410 ), true ) ) {
		return '';
	}
	$body = wp_remote_retrieve_body( $response );
	$type = (string) wp_remote_retrieve_header( $response, 'content-type' );
	if ( 200 !== $status || 0 !== strpos( $type, 'text/html' ) || strlen( $body ) >= EVERTOKEN_FEED_LIMIT ) {
		return null;
	}
	$html = evertoken_feed_sanitize( $body, $url );
	return false === strpos( $html, 'class="evertoken-feed' ) ? null : $html;
}

/**
 * Removes everything from a fragment that a feed does not need.
 *
 * @param string $html HTML of the fragment.
 * @param string $url  Address of the fragment.
 * @return string HTML.
 */
function evertoken_feed_sanitize( $html, $url ) {
	// KSES would escape the content of a style sheet, so it is checked apart.
	$styles = array();
	$html   = preg_replace_callback(
		'#<style[^>]*>(.*?)</style\s*>#is',
		function ( $found ) use ( &$styles ) {
			if ( ! preg_match( '#[<\\\\]|@import|@font-face|url\s*\(|image(-set)?\s*\(|src\s*\(|expression|binding|behavior#i', $found[1] ) ) {
				$styles[] = '<style>' . $found[1] . '</style>';
			}
			return '';
		},
		$html
	);
	// KSES would keep the text of a script.
	$html = preg_replace( '#<(script|style|template|noscript)\b.*?(</\1\s*>|$)#is', '', (string) $html );
	add_filter( 'safe_style_css', 'evertoken_feed_properties' );
	$html = wp_kses( (string) $html, evertoken_feed_allowed_html(), array( 'http', 'https' ) );
	remove_filter( 'safe_style_css', 'evertoken_feed_properties' );
	return implode( '', $styles ) . trim( evertoken_feed_own_pictures( $html, $url ) );
}

/**
 * Returns the elements and attributes of a fragment. All others are removed.
 *
 * @return array Allow list of wp_kses.
 */
function evertoken_feed_allowed_html() {
	$shared = array_fill_keys( array( 'class', 'style', 'dir', 'lang', 'title', 'role', 'aria-label', 'aria-hidden', 'data-stale' ), true );
	$own    = array(
		'section'    => array(),
		'div'        => array(),
		'ul'         => array(),
		'li'         => array(),
		'figure'     => array(),
		'figcaption' => array(),
		'p'          => array(),
		'span'       => array(),
		'a'          => array( 'href', 'rel', 'target' ),
		'svg'        => array( 'focusable' ),
		'rect'       => array( 'width', 'height', 'fill' ),
		'picture'    => array(),
		'source'     => array( 'type', 'srcset', 'sizes', 'media', 'width', 'height' ),
		'img'        => array( 'src', 'srcset', 'sizes', 'width', 'height', 'alt', 'loading', 'decoding' ),
		'time'       => array( 'datetime' ),
	);
	return array_map(
		function ( $attributes ) use ( $shared ) {
			return $shared + array_fill_keys( $attributes, true );
		},
		$own
	);
}

/**
 * Allows the properties of a fragment that KSES does not know.
 *
 * @param string[] $properties Properties that style attributes may contain.
 * @return string[] Properties.
 */
function evertoken_feed_properties( $properties ) {
	$own = array( 'background-color', 'aspect-ratio' );
	return array_merge( $own, array_diff( $properties, array( 'background', 'background-image', 'list-style', 'cursor', 'filter' ) ) );
}

/**
 * Lets all pictures come from the feed's host, whatever host a fragment names, so that visitors' browsers send requests
 * to no other host.
 *
 * @param string $html Sanitized HTML, whose attributes are in double quotes.
 * @param string $url  Address of the fragment.
 * @return string HTML.
 */
function evertoken_feed_own_pictures( $html, $url ) {
	$parts  = wp_parse_url( $url );
	$origin = $parts['scheme'] . '://' . $parts['host'] . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' );
	return (string) preg_replace_callback(
		'#(<(?:img|source)\b)([^>]*)#i',
		function ( $tag ) use ( $origin ) {
			return $tag[1] . preg_replace_callback(
				'#(\s(?:src|srcset)=)(["\'])(.*?)\2#is',
				function ( $attribute ) use ( $origin ) {
					$pictures = array();
					foreach ( preg_split( '/,\s+/', trim( $attribute[3] ) ) as $picture ) {
						if ( preg_match( '#^(?:https?:)?//[^/\\\\\s]+(/[^\s]*)(\s+[0-9.]+[wx])?$#i', $picture, $found ) ) {
							$pictures[] = $origin . $found[1] . ( isset( $found[2] ) ? $found[2] : '' );
						}
					}
					return $attribute[1] . $attribute[2] . implode( ', ', $pictures ) . $attribute[2];
				},
				$tag[2]
			);
		},
		$html
	);
}

/**
 * Returns the script of the block in the editor.
 *
 * @return string JavaScript.
 */
function evertoken_feed_editor_script() {
	return <<<'JS'
( function ( blocks, blockEditor, components, element, i18n, ServerSideRender ) {
	const create = element.createElement;
	blocks.registerBlockType( 'evertoken/feed', {
		edit: function ( { attributes, setAttributes } ) {
			const address = create( components.TextControl, {
				label: i18n.__( 'Address of the feed', 'evertoken-feed' ),
				help: i18n.__( 'For example https://feeds.example.com/feed/my-shop.html', 'evertoken-feed' ),
				type: 'url',
				value: attributes.src,
				onChange: ( src ) => setAttributes( { src } ),
			} );
			const preview = create( components.Disabled, null,
				create( ServerSideRender, { block: 'evertoken/feed', attributes: { src: attributes.src } } ) );
			return create( 'div', blockEditor.useBlockProps(),
				create( blockEditor.InspectorControls, null,
					create( components.PanelBody, { title: i18n.__( 'Feed', 'evertoken-feed' ) }, address ) ),
				attributes.src ? preview : create( components.Placeholder,
					{ icon: 'format-gallery', label: i18n.__( 'Evertoken Feed', 'evertoken-feed' ) }, address ) );
		},
		save: () => null,
	} );
} )( wp.blocks, wp.blockEditor, wp.components, wp.element, wp.i18n, wp.serverSideRender );
JS;
}

/**
 * Deletes all copies.
 */
function evertoken_feed_uninstall() {
	global $wpdb;
	foreach ( array( '_transient_evertoken_feed_', '_transient_timeout_evertoken_feed_' ) as $prefix ) {
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- There is no other way to find transients by their prefix.
		$names = $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( $prefix ) . '%' ) );
		array_map( 'delete_option', $names );
	}
}
