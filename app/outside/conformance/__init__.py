"""The kit that proves what an insurer's system can do, run against its test system.

It instructs made-up claims of a made-up person and never believes what it has not seen. After a
lost answer the service may send again only where `honours_key` was proven here, and may go by the
insurer's word only where `can_be_asked` was. Needs no database: an insurer runs it on its own.
"""

from app.outside.conformance.run import Finding, Report, run_kit

__all__ = ["Finding", "Report", "run_kit"]
