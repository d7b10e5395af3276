"""What this server says of itself to Nextcloud's clients."""

# Clients decide by it what they may use; it is the oldest of which nothing that they then expect is missing here.
VERSION = (31, 0, 0, 0)
VERSION_STRING = ".".join(map(str, VERSION[:3]))
PRODUCT = "dropbox_clone"

CHECKSUMS = ("SHA1", "MD5", "SHA256", "ADLER32")
PREFERRED_CHECKSUM = "SHA1"
POLL_SECONDS = 60

PROTOCOL = "nextcloud"  # uploads of this endpoint are not those of others

OC = "http://owncloud.org/ns"
NC = "http://nextcloud.org/ns"
OCS = "http://open-collaboration-services.org/ns"
INSTANCE = "ocdropboxclone"  # after the number in oc:id
