import "htmx.org";
import { setUpCommands } from "./commands";
import { setUpDialogs } from "./dialogs";
import { setUpDragToMove } from "./drag_to_move";
import { setUpFileList } from "./file_list";
import { setUpNavigation } from "./navigation";
import { setUpSending } from "./send";
import { setUpToasts } from "./toasts";
import { setUpUploads } from "./uploads/setup";

setUpDialogs();
setUpToasts();
setUpNavigation();
setUpFileList();
setUpCommands();
setUpDragToMove();
setUpSending();
if (document.getElementById("uploads")) void setUpUploads();
