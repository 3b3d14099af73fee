"""DICOM over a network, DIMSE: one upper layer for both sides, a node that answers and a client that asks."""
