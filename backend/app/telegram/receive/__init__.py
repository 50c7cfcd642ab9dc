"""Updates: polled, stored in the inbox, and handled from there by a worker."""
