//! Name resolution in a static program. glibc's own resolver loads the shared libraries that `/etc/nsswitch.conf`
//! names, and they must come from the very glibc that the program was linked with (`ld` warns about it), which no build
//! image guarantees. So a static program reads `/etc/hosts` and `/etc/resolv.conf` itself. It queries no servers other
//! than those in these files.

use std::net::IpAddr;
use std::sync::Arc;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use hickory_resolver::config::{LookupIpStrategy, ResolveHosts};
use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use tokio::sync::OnceCell;

/// Looks names up in `/etc/hosts`, then queries the name servers of `/etc/resolv.conf`. The files are read on the first
/// lookup. The connections to the servers belong to the runtime of the lookup; the process has only one.
#[derive(Debug, Clone, Default)]
pub(super) struct Resolver {
    servers: Arc<OnceCell<TokioResolver>>,
}

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
enum Unresolved {
    #[error("`/etc/resolv.conf` does not say which server knows the name `{0}`")]
    NoServers(String, #[source] NetError),
    #[error("the servers of `/etc/resolv.conf` know no address of the name `{0}`")]
    Unknown(String),
    #[error("the servers of `/etc/resolv.conf` did not answer for the name `{0}`")]
    NoAnswer(String, #[source] NetError),
}

impl Resolver {
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        // As in glibc: the servers are not queried for a name in the file, not even for addresses of the other family.
        let listed = in_hosts(name);
        if !listed.is_empty() {
            return Ok(listed);
        }
        let servers = self.servers.get_or_try_init(async || servers()).await;
        let servers = servers.map_err(|cause| Unresolved::NoServers(name.to_owned(), cause))?;
        match servers.lookup_ip(name).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(cause) if cause.is_no_records_found() => Err(Unresolved::Unknown(name.to_owned())),
            Err(cause) => Err(Unresolved::NoAnswer(name.to_owned(), cause)),
        }
    }
}

/// The addresses in `/etc/hosts`; none if the machine has no such file.
fn in_hosts(name: &str) -> Vec<IpAddr> {
    let (Ok(hosts), Ok(name)) = (Hosts::from_system(), Name::from_utf8(name.to_lowercase())) else {
        return Vec::new();
    };
    let kinds = [RecordType::A, RecordType::AAAA].into_iter();
    let found = kinds.filter_map(|kind| hosts.lookup_static_host(&Query::query(name.clone(), kind)));
    found
        .flat_map(|lookup| lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
        .collect()
}

/// The servers of `/etc/resolv.conf`.
fn servers() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
    let options = builder.options_mut();
    options.use_hosts_file = ResolveHosts::Never;
    // The first family is tried first, and most build networks have no IPv6.
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    builder.build()
}

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move { self.addresses(name).await.map_err(ResolveDnsError::new) })
    }
}
