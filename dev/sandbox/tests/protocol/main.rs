//! The sandbox as a client sees it, over real connections.

#[cfg(test)]
mod client;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod http;
#[cfg(test)]
mod items;
#[cfg(test)]
mod load;
#[cfg(test)]
mod provisioning;
#[cfg(test)]
mod pushing;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod searching;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod syncing;
