"""Pages of bookings, their forms and the acts on them."""
