"""Pages on a MediaWiki, through mwclient."""
