//! Numbers in JSON lines that may be infinite or not a number.
//!
//! JSON has neither, and both happen: a diverged loss is what a user looks for. NaN is written as
//! `null` (a gap in any plotting tool), the infinities as `"inf"` and `"-inf"`. Used through
//! `#[serde(with = "…")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{collections::BTreeMap, fmt};

/// One number in that form.
struct Real(f64);

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            x if x.is_finite() => serializer.serialize_f64(x),
            x if x.is_nan() => serializer.serialize_none(),
            x if x > 0.0 => serializer.serialize_str("inf"),
            _ => serializer.serialize_str("-inf"),
        }
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RealVisitor)
    }
}

struct RealVisitor;

impl de::Visitor<'_> for RealVisitor {
    type Value = Real;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, null, \"inf\" or \"-inf\"")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Real, E> {
        Ok(Real(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Real, E> {
        Ok(Real(f64::NAN))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Real, E> {
        match text {
            "inf" => Ok(Real(f64::INFINITY)),
            "-inf" => Ok(Real(f64::NEG_INFINITY)),
            "nan" => Ok(Real(f64::NAN)),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
}

/// For a field of type `f64`.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Real(*value).serialize(serializer)
}

/// For a field of type `f64`.
///
/// # Errors
/// Anything that is neither a number nor one of the three words.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Real::deserialize(deserializer).map(|real| real.0)
}

/// For a field of type `BTreeMap<String, f64>`.
pub mod map {
    use super::{BTreeMap, Deserializer, Real, Serializer, de, fmt};

    /// Writes every value as a real.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(
        map: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(key, value)| (key, Real(*value))))
    }

    /// Reads every value as a real.
    ///
    /// # Errors
    /// A value that is neither a number nor one of the three words.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        struct MapVisitor;
        impl<'de> de::Visitor<'de> for MapVisitor {
            type Value = BTreeMap<String, f64>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from names to numbers")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = BTreeMap::new();
                while let Some((key, Real(value))) = map.next_entry()? {
                    values.insert(key, value);
                }
                Ok(values)
            }
        }
        deserializer.deserialize_map(MapVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1.5, "1.5")]
    #[case(f64::NAN, "null")]
    #[case(f64::INFINITY, "\"inf\"")]
    #[case(f64::NEG_INFINITY, "\"-inf\"")]
    #[case(1.0e-300, "1e-300")]
    #[case(0.1 + 0.2, "0.30000000000000004")]
    fn every_number_survives(#[case] value: f64, #[case] json: &str) {
        assert_eq!(serde_json::to_string(&Real(value)).unwrap(), json);
        let back: Real = serde_json::from_str(json).unwrap();
        assert!(back.0.to_bits() == value.to_bits() || back.0.is_nan() && value.is_nan());
    }

    #[rstest]
    #[case("true")]
    #[case("\"1\"")]
    #[case("[]")]
    fn other_values_are_refused(#[case] json: &str) {
        assert!(serde_json::from_str::<Real>(json).is_err());
    }
}
