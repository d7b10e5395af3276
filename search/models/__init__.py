"""What is indexed and how far. Order of dependency: document, progress.

Nothing here has a foreign key to the tables of files: the index follows the tree, it never holds it up.
"""

from search.models.document import ContentText, Document
from search.models.progress import FolderVisit, SearchCursor

__all__ = ["ContentText", "Document", "FolderVisit", "SearchCursor"]
