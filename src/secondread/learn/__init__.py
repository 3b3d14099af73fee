"""Training, evaluation and export: the only room that may import torch."""
