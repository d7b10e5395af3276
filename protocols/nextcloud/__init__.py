"""What Nextcloud's clients (and rclone's `nextcloud` vendor) speak beside WebDAV. See docs/protocols/nextcloud.md."""
