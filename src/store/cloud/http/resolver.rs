//! Name resolution in a static program. glibc's own loads shared libraries that `/etc/nsswitch.conf` names, and those must be of
//! the very glibc that the program was linked with (`ld` warns about it), which no build image promises. So a static program
//! reads `/etc/resolv.conf` and `/etc/hosts` itself.

use std::net::IpAddr;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use hickory_resolver::TokioResolver;
use tokio::sync::OnceCell;

/// Asks the name servers of `/etc/resolv.conf`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver;

/// Read once, when the first name is asked for.
static SYSTEM: OnceCell<TokioResolver> = OnceCell::const_new();

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let system = SYSTEM.get_or_try_init(async || TokioResolver::builder_tokio()?.build()).await;
            let found = system.map_err(ResolveDnsError::new)?.lookup_ip(name).await.map_err(ResolveDnsError::new)?;
            Ok(found.iter().collect::<Vec<IpAddr>>())
        })
    }
}
