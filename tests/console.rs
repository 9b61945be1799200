//! The console in a pseudo-terminal, decoded as a terminal would show it.
