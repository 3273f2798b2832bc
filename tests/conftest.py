"""What every test of ours shares: the plugin under test, and the depths of property tests."""

from hypothesis import HealthCheck, settings

# The same name as the entry point's, so that tests run with the package installed or not.
pytest_plugins = ["mockserver.pytest_plugin", "pytester"]

settings.register_profile(
    "default", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("default"), max_examples=20)
settings.register_profile("long", settings.get_profile("default"), max_examples=10_000)
settings.load_profile("default")
