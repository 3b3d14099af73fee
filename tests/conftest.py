"""Settings of the whole suite."""

from hypothesis import HealthCheck, settings

# No test fails because the machine is busy: neither by the time of an example, nor by that of making the first ones.
settings.register_profile("untimed", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
