//! Rows of `[features]`: what the agent sees of the market.

use crate::{
    declare::{Shape, choice, section},
    key::{Repeats, Scalar, TextRule},
};

choice! {
    /// A named set of feature columns.
    FeatureSet {
        Default "default":
            "44 indicators over trend, momentum, volatility, volume, cycle and statistics, returns and time of day."
            / "추세, 모멘텀, 변동성, 거래량, 주기, 통계 지표 44개와 수익률, 시간 정보입니다.",
        Empty "empty":
            "Nothing but the columns listed in features.columns."
            / "features.columns에 적은 열만 씁니다.",
    }
}

choice! {
    /// How columns are brought to one scale; fitted on the training window only.
    Scaler {
        Standard "standard":
            "Subtract the mean, divide by the standard deviation."
            / "평균을 빼고 표준편차로 나눕니다.",
        Robust "robust":
            "Subtract the median, divide by the interquartile range: outliers weigh less."
            / "중앙값을 빼고 사분위 범위로 나눕니다. 이상값의 영향이 작습니다.",
        RankNormal "rank_normal":
            "Replace by the rank within the training window, as a normal score."
            / "학습 구간 안에서의 순위를 정규 점수로 바꿉니다.",
        RankUniform "rank_uniform":
            "Replace by the rank within the training window, from −1 to 1."
            / "학습 구간 안에서의 순위를 −1에서 1 사이로 바꿉니다.",
        None "none":
            "Leave as computed."
            / "계산된 값을 그대로 씁니다.",
    }
}

section! {
    /// What the agent sees of the market.
    Features "features": "Features" / "특징" {
        set: FeatureSet = FeatureSet::Default => Shape::choice(FeatureSet::CHOICES), {
            label: "Feature set" / "특징 세트",
            help: "Named set of columns to start from."
                / "기본으로 사용할 열 묶음입니다.",
        }
        columns: Vec<String> = Vec::new()
            => Shape::list(Scalar::Text(TextRule::Filled), 0, Repeats::Refused), {
            label: "Further columns" / "추가 열",
            help: "Columns beyond the set, each a TA-Lib function and what it goes through, e.g. \"RSI(time_period=14) | unit(0, 100)\"."
                / "세트에 더할 열입니다. TA-Lib 함수와 변환으로 적습니다(예: \"RSI(time_period=14) | unit(0, 100)\").",
        }
        scaler: Scaler = Scaler::Standard => Shape::choice(Scaler::CHOICES), {
            label: "Scaler" / "스케일러",
            help: "How columns are brought to one scale. Fitted on the training window only, then frozen."
                / "열의 크기를 맞추는 방법입니다. 학습 구간에서만 맞추고 그 뒤에는 고정합니다.",
        }
        clip: f64 = 5.0
            => Shape::float().at_least(0.1).at_most(1e6).step(0.5).typical(3.0, 10.0), {
            label: "Clip" / "절단 한계",
            help: "Scaled values are cut to ± this, in units of the scaler."
                / "스케일링한 값을 ± 이 값으로 자릅니다(스케일러 단위).",
            raising: "Extreme bars reach the network with their full size; updates get noisier."
                / "극단적인 봉이 그대로 신경망에 들어가 학습이 더 흔들립니다.",
            lowering: "Extreme bars all look alike; crashes are harder to tell from bad days."
                / "극단적인 봉이 모두 비슷해 보여 폭락과 평범한 하락을 구별하기 어려워집니다.",
        }
        keep_bounded: bool = true => Shape::bool(), {
            label: "Keep bounded columns" / "유계 열 유지",
            help: "Leave columns that are limited by construction (RSI, time of day) at their own scale."
                / "본래 범위가 정해진 열(RSI, 시간 정보 등)은 원래 크기로 둡니다.",
        }
        cache: bool = true => Shape::bool(), {
            label: "Cache the matrix" / "행렬 캐시",
            help: "Keep the computed matrix under a hash of data, columns and code version."
                / "계산한 행렬을 데이터, 열, 코드 버전의 해시로 보관합니다.",
        }
    }
}
