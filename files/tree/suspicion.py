"""What ransomware does to names: an extension that nobody knows, and a note that says what to pay. Names only; what it
does to bytes is in files/blobs/noise.py.
"""

import mimetypes
import re
from functools import cache

NOTE_WEIGHT = 10  # a ransom note counts as much as so many changed files
_LONGEST = 16  # characters of what is taken for an extension
# Beside what Python knows. Encrypted containers are here, which people use on purpose.
_MORE = (
    "7z aac ai aiff apk avif azw3 bak bat bin blend bz2 c c9r cab cbr cbz cfg conf cpp cr2 crt cs csv cue dat db dbf "
    "deb dmg dng doc docm docx dot dotx download dwg dxf eml emz eps epub exe f4v fb2 flac flv fla fodt gdoc gif go "
    "gpg gpx gsheet gz h hc heic heif hpp ico idml indd ini ipynb iso jar java jfif jks jp2 jpeg jpg js json jsonl jsx "
    "kdb kdbx key kml kmz kt lnk lock log lua lz4 m2ts m3u m4a m4b m4v mat md mdb mid mjs mkv mobi mov mp3 mp4 mpg msg "
    "msi mts nef numbers odb odf odg odp ods odt ogg ogv old one opus orf orig otf ova pages parquet part pcap pdf "
    "pem php pickle pkl pl plist png pot pps ppsx ppt pptm pptx prproj ps ps1 psd pst pub py pyc qcow2 qif r rar raf "
    "raw rb rdp reg rpm rs rst rtf rw2 sav scss sh sketch sln sqlite sqlite3 srt stl sub svg svgz swf swift swp tar "
    "tex tgz thm tif tiff tmp toml torrent ts tsv tsx ttf txt url v vcf vdi vhd vhdx vmdk vob vsd vsdx wav wbmp webm "
    "webp wma wmf wmv woff woff2 wpd wps wv xcf xhtml xla xls xlsb xlsm xlsx xml xmp xps xsl xz yaml yml z zip zst "
    "partial crdownload filepart aes age asc enc p12 pfx sparsebundle tc vault backup bkp new 1 2 3 4 5 6 7 8 9"
)
_RANSOM = (
    "locked crypt crypted crypto cryptolocker encrypted encrypt locky cerber cerber3 wncry wcry wncryt wannacry zepto "
    "odin osiris ryuk ryk conti lockbit lockbit2 lockbit3 blackcat alphv revil sodinokibi clop dharma phobos makop "
    "stop djvu akira medusa play royal hive babuk maze egregor ragnar darkside blackbasta basta rhysida bianlian "
    "cactus cl0p qilin hunters inc 8base eking eight elbie faust crypz cryp1 ecc ezz exx zzz aaa ccc vvv xxx ttt pays "
    "payransom ransom rnsmwr ransomed kraken darkness petya notpetya badrabbit globe crysis arena bip combo java2"
)
_NOTE = re.compile(
    r"(?:how[ _-]*to[ _-]*(?:decrypt|recover|restore|unlock|get[ _-]*(?:back|your))|"
    r"(?:decrypt|recover|restore|unlock)[ _-]*(?:my|your|all)?[ _-]*(?:files?|data|instructions?|me|info)|"
    r"(?:files?|data)[ _-]*(?:are|is|were|have[ _-]*been)?[ _-]*encrypted|"
    r"your[ _-]*files|ransom|_readme\.txt$|readme[ _-]*(?:to|for)?[ _-]*(?:decrypt|restore|recover|unlock)|"
    r"read[ _-]*(?:me|it)[ _-]*(?:now|first)?[ _-]*(?:for|to)[ _-]*decrypt|decrypt[ _-]*(?:or|guide|help)|"
    r"@please_read_me@|!{2,}.*(?:readme|read_me|decrypt|recover))",
    re.IGNORECASE,
)
_NOTE_KINDS = (".txt", ".html", ".htm", ".hta", ".rtf", ".md", ".url", ".png", ".bmp", ".jpg")


@cache
def _known() -> frozenset[str]:
    types = {name.removeprefix(".") for name in (*mimetypes.types_map, *mimetypes.encodings_map)}
    return frozenset((types | set(_MORE.split())) - set(_RANSOM.split()))


def extension_of(name: str) -> str:
    """In lower case, without the dot; empty for a name that has none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem and len(extension) <= _LONGEST and " " not in extension else ""


def is_unknown(extension: str) -> bool:
    """Whether it is one that no program of ours writes, or one that ransomware is known for."""
    return bool(extension) and extension not in _known()


def is_renamed_strangely(before: str, after: str) -> bool:
    """Whether a file has got an extension that nobody knows, in place of another one or beside it."""
    extension = extension_of(after)
    return extension != extension_of(before) and is_unknown(extension)


def is_new_and_strange(name: str) -> bool:
    """Whether the name of a new file, whose bytes are noise, has an extension that nobody knows."""
    return is_unknown(extension_of(name))


def is_ransom_note(name: str) -> bool:
    """Whether a new file is called as ransomware calls what it leaves in each folder."""
    return name.lower().endswith(_NOTE_KINDS) and _NOTE.search(name) is not None
