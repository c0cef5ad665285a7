from tests.mail.manners import manner

__all__ = ["manner"]
