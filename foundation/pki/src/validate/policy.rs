//! The policies that hold along a path: the graph of RFC 9618, with which no certificate can make
//! the work grow faster than its own size.

use super::facts::{ANY_POLICY, Facts};
use der::asn1::ObjectIdentifier;
use std::collections::{BTreeMap, BTreeSet};

type Policies = BTreeSet<ObjectIdentifier>;

/// What is asked of policies (RFC 5280 §6.1.1 c, e, f, g).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyInputs {
    /// The acceptable policies; if there are none, any is.
    pub acceptable: BTreeSet<ObjectIdentifier>,
    /// At least one acceptable policy must hold along the path, whether its certificates ask for it or not.
    pub explicit: bool,
    /// Policies of one authority may not stand for those of another.
    pub inhibit_mapping: bool,
    /// The policy "any" counts for nothing.
    pub inhibit_any: bool,
}

/// The variables of RFC 5280 §6.1.2 (d) to (g), with the graph of RFC 9618 §5.1.
pub(super) struct PolicyState {
    /// The nodes of each depth by their valid policy; empty once no policy holds ("NULL").
    depths: Vec<BTreeMap<ObjectIdentifier, Node>>,
    explicit: usize,
    mapping: usize,
    any: usize,
}

struct Node {
    expected: Policies,
    /// The valid policies of its parents, which are one depth above.
    parents: Policies,
}

/// The policy processing failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PolicyFault {
    /// A mapping is from or to "any".
    MapsAny,
    /// No policy holds although one must.
    None,
}

impl PolicyState {
    /// Begins a path of `length` certificates.
    pub(super) fn new(inputs: &PolicyInputs, length: usize) -> Self {
        let unless = |set: bool| if set { 0 } else { length + 1 };
        let root = Node { expected: Policies::from([ANY_POLICY]), parents: Policies::new() };

        Self {
            depths: vec![BTreeMap::from([(ANY_POLICY, root)])],
            explicit: unless(inputs.explicit),
            mapping: unless(inputs.inhibit_mapping),
            any: unless(inputs.inhibit_any),
        }
    }

    /// Takes the limits that a trust anchor sets (RFC 5937 §3.2).
    pub(super) fn limit(&mut self, anchor: &Facts) {
        lower(&mut self.explicit, anchor.require_explicit_policy);
        lower(&mut self.mapping, anchor.inhibit_policy_mapping);
        lower(&mut self.any, anchor.inhibit_any_policy);
    }

    /// Takes the policies of the next certificate (RFC 5280 §6.1.3 d to f).
    pub(super) fn enter(&mut self, facts: &Facts, last: bool) -> Result<(), PolicyFault> {
        match &facts.policies {
            Some(policies) => {
                let any = self.any > 0 || (!last && facts.is_self_issued());
                self.grow(policies, any);
            }
            None => self.depths.clear(),
        }
        if self.explicit == 0 && self.depths.is_empty() {
            return Err(PolicyFault::None);
        }

        Ok(())
    }

    /// Prepares for the certificate below an authority (RFC 5280 §6.1.4 a, b, h to j).
    pub(super) fn leave(&mut self, authority: &Facts) -> Result<(), PolicyFault> {
        let mut mappings: BTreeMap<_, Policies> = BTreeMap::new();
        for (from, to) in &authority.mappings {
            mappings.entry(*from).or_default().insert(*to);
        }
        if authority.mappings.iter().any(|(from, to)| [from, to].contains(&&ANY_POLICY)) {
            return Err(PolicyFault::MapsAny);
        }
        if !mappings.is_empty() {
            self.map(mappings);
        }
        if !authority.is_self_issued() {
            for left in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *left = left.saturating_sub(1);
            }
        }
        self.limit(authority);

        Ok(())
    }

    /// Says which of the acceptable policies hold (RFC 5280 §6.1.5 a, b, g; RFC 9618 §5.4).
    pub(super) fn finish(
        mut self,
        leaf: &Facts,
        inputs: &PolicyInputs,
    ) -> Result<Policies, PolicyFault> {
        self.explicit = self.explicit.saturating_sub(1);
        if leaf.require_explicit_policy == Some(0) {
            self.explicit = 0;
        }
        let any = Policies::from([ANY_POLICY]);
        let known = self.authority_policies();
        let policies: Policies =
            if inputs.acceptable.is_empty() || inputs.acceptable.contains(&ANY_POLICY) {
                known
            } else if known.is_superset(&any) {
                inputs.acceptable.clone()
            } else {
                known.intersection(&inputs.acceptable).copied().collect()
            };
        if self.explicit == 0 && policies.is_empty() {
            return Err(PolicyFault::None);
        }

        Ok(policies)
    }

    /// The policies in the words of the anchor's domain: those whose parent is "any".
    fn authority_policies(&self) -> Policies {
        let mut policies = Policies::new();
        for depth in self.depths.iter().skip(1) {
            let roots = depth
                .iter()
                .filter(|(policy, it)| **policy != ANY_POLICY && it.parents.contains(&ANY_POLICY));
            policies.extend(roots.map(|(policy, _)| *policy));
        }
        let last = self.depths.last().filter(|_| self.depths.len() > 1);
        policies.extend(last.filter(|it| it.contains_key(&ANY_POLICY)).map(|_| ANY_POLICY));

        policies
    }

    /// Adds one depth.
    fn grow(&mut self, policies: &Policies, any: bool) {
        let Some(above) = self.depths.last() else {
            return;
        };
        let mut wanted: BTreeMap<ObjectIdentifier, Policies> = BTreeMap::new();
        for (policy, node) in above {
            for expected in &node.expected {
                wanted.entry(*expected).or_default().insert(*policy);
            }
        }
        let any_above = above.contains_key(&ANY_POLICY);
        let mut depth = BTreeMap::new();
        for policy in policies.iter().filter(|policy| **policy != ANY_POLICY) {
            let parents = match wanted.get(policy) {
                Some(parents) => parents.clone(),
                None if any_above => Policies::from([ANY_POLICY]),
                None => continue,
            };
            depth.insert(*policy, Node { expected: Policies::from([*policy]), parents });
        }
        if any && policies.contains(&ANY_POLICY) {
            for (policy, parents) in wanted {
                let expected = Policies::from([policy]);
                depth.entry(policy).or_insert(Node { expected, parents });
            }
        }
        self.depths.push(depth);
        self.prune();
    }

    fn map(&mut self, mappings: BTreeMap<ObjectIdentifier, Policies>) {
        let allowed = self.mapping > 0;
        let Some(depth) = self.depths.last_mut() else {
            return;
        };
        let any = depth.get(&ANY_POLICY).map(|node| node.parents.clone());
        for (policy, expected) in mappings {
            if !allowed {
                depth.remove(&policy);
            } else if let Some(node) = depth.get_mut(&policy) {
                node.expected = expected;
            } else if let Some(parents) = &any {
                depth.insert(policy, Node { expected, parents: parents.clone() });
            }
        }
        self.prune();
    }

    /// Removes what has nothing below it, from the last depth but one upwards.
    fn prune(&mut self) {
        let mut used: Option<Policies> = None;
        for depth in self.depths.iter_mut().rev() {
            if let Some(used) = used {
                depth.retain(|policy, _| used.contains(policy));
            }
            used = Some(depth.values().flat_map(|node| &node.parents).copied().collect());
            if depth.is_empty() {
                break;
            }
        }
        if self.depths.iter().any(BTreeMap::is_empty) {
            self.depths.clear();
        }
    }
}

fn lower(variable: &mut usize, limit: Option<u32>) {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    *variable = limit.map_or(*variable, |limit| limit.min(*variable));
}
