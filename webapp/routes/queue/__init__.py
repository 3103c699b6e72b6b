"""Pages of the queue, its channels and workers, the doctor."""
