#pragma once

/// Raises the limit of open files to what the system lets this process have, at most 65,536.
/// Each plugin is a connection, and a shell's usual 1,024 are too few for a thousand.
void casus_open_files_raise(void);
