#pragma once

/// Raises the limit of open files to what the system lets this process have, at most 65,536.
/// Returns the limit, or -1 when it is not known.
/// Each plugin is a connection, and a shell's usual 1,024 are too few for a thousand.
long casus_open_files_raise(void);
