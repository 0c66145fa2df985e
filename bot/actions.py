"""Names of buttons and modals: what views write and the router reads."""

OPEN_CLIENT = "open_client"
RECORD_SATISFACTION = "record_satisfaction"
SATISFACTION_MODAL = "satisfaction_modal"
SHOW_PRIORITIES = "show_priorities"
MORE_PRIORITIES = "more_priorities"
