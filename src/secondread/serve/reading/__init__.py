"""From a complete study to a draft: completion, queue, workers, results."""
