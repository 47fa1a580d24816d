"""What tests share: settings, factories, a cast of people. A Django application, for its `flush` command."""
