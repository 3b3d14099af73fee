"""For whom answers are less good: every group measured, compared, and what could be done about it."""
