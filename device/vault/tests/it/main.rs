//! The container as its callers use it, killed, copied, moved and tampered with.

#[cfg(test)]
mod card;
#[cfg(test)]
mod correspondents;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod ground;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod life;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod password;
#[cfg(test)]
mod renew;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod secret_service;
#[cfg(test)]
mod standard;
#[cfg(test)]
mod tamper;
