//! The features used when nobody chooses: 44 indicators, returns at five lags, two calendar circles.
//!
//! Chosen so that no column depends on the price level, the currency or the unit of volume (a test
//! rescales both), none is undefined on a dead market, all warm up within a hundred bars and none
//! dominates the time: `HT_SINE`, `HT_DCPHASE` and `HT_TRENDMODE`, two fifths of the time of all of
//! TA-Lib together, are left out. Start at [`DEFAULT_SET`].

use domain::Text;

/// What a default feature tells about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Theme {
    /// Direction and distance from averages.
    Trend,
    /// Speed and exhaustion.
    Momentum,
    /// Size of movement.
    Volatility,
    /// Who trades how much.
    Volume,
    /// Dominant period and phase.
    Cycle,
    /// Regression, correlation, rank.
    Statistics,
    /// Log returns.
    Returns,
    /// Time of day and week.
    Calendar,
}

/// One entry of the default set.
#[derive(Clone, Copy, Debug)]
pub struct DefaultFeature {
    /// What it tells about.
    pub theme: Theme,
    /// The spec, as a user would write it.
    pub spec: &'static str,
    /// One sentence on how to read it.
    pub text: Text,
}

const fn entry(
    theme: Theme,
    spec: &'static str,
    en: &'static str,
    ko: &'static str,
) -> DefaultFeature {
    DefaultFeature {
        theme,
        spec,
        text: Text::new(en, ko),
    }
}

/// The default features, in the order of their columns.
pub const DEFAULT_SET: &[DefaultFeature] = &[
    entry(
        Theme::Trend,
        "EMA(20) | relative",
        "Exponential average against the close: above zero, the price has fallen below its trend.",
        "지수이동평균과 종가의 거리: 0보다 크면 가격이 추세 아래에 있습니다.",
    ),
    entry(
        Theme::Trend,
        "SMA(50) | relative",
        "Slow plain average against the close.",
        "느린 단순이동평균과 종가의 거리입니다.",
    ),
    entry(
        Theme::Trend,
        "KAMA(30) | relative",
        "Kaufman's average, quick in trends and slow in noise, against the close.",
        "추세에서는 빠르고 잡음에서는 느린 카우프만 평균과 종가의 거리입니다.",
    ),
    entry(
        Theme::Trend,
        "SUPERTREND(10, 3).supertrend | relative",
        "Volatility stop line against the close: its sign is the trend, its size the room left.",
        "변동성 추적선과 종가의 거리: 부호는 추세, 크기는 남은 여유입니다.",
    ),
    entry(
        Theme::Trend,
        "SAR(0.02, 0.2) | relative",
        "Wilder's parabolic stop against the close.",
        "와일더 파라볼릭 SAR와 종가의 거리입니다.",
    ),
    entry(
        Theme::Trend,
        "MACD(12, 26, 9).macd_hist | over_atr(14)",
        "MACD against its signal line, in average ranges: whether momentum gains or fades.",
        "MACD와 시그널의 차이(평균 범위 단위): 탄력이 붙는지 빠지는지 봅니다.",
    ),
    entry(
        Theme::Trend,
        "ADX(14) | unit(0, 100)",
        "Strength of the trend, whatever its direction.",
        "방향과 상관없는 추세의 세기입니다.",
    ),
    entry(
        Theme::Trend,
        "PLUS_DI(14) | unit(0, 100)",
        "Share of the movement that goes up.",
        "움직임 가운데 상승 방향의 몫입니다.",
    ),
    entry(
        Theme::Trend,
        "MINUS_DI(14) | unit(0, 100)",
        "Share of the movement that goes down.",
        "움직임 가운데 하락 방향의 몫입니다.",
    ),
    entry(
        Theme::Trend,
        "AROONOSC(25) | unit(-100, 100)",
        "Whether the window's high or its low is the more recent.",
        "기간 중 고점과 저점 가운데 어느 쪽이 더 최근인지 나타냅니다.",
    ),
    entry(
        Theme::Momentum,
        "RSI(14) | unit(0, 100)",
        "Gains against losses of the last bars: bought or sold too far.",
        "최근 상승폭과 하락폭의 비: 과매수·과매도를 봅니다.",
    ),
    entry(
        Theme::Momentum,
        "STOCH(14, 3, SMA, 3, SMA).slow_k | unit(0, 100)",
        "Place of the close in the recent range, smoothed.",
        "최근 범위 안에서 종가의 위치(평활)입니다.",
    ),
    entry(
        Theme::Momentum,
        "CCI(20) | unit(-300, 300)",
        "Distance of the typical price from its average, in mean deviations.",
        "대표가격이 평균에서 벗어난 정도(평균편차 단위)입니다.",
    ),
    entry(
        Theme::Momentum,
        "ROC(10)",
        "Percent change over ten bars.",
        "10봉 동안의 변화율(%)입니다.",
    ),
    entry(
        Theme::Momentum,
        "ULTOSC(7, 14, 28) | unit(0, 100)",
        "Buying pressure over three horizons at once.",
        "세 기간의 매수 압력을 함께 봅니다.",
    ),
    entry(
        Theme::Momentum,
        "TSI(25, 13) | unit(-100, 100)",
        "Doubly smoothed momentum, signed and bounded.",
        "두 번 평활한 모멘텀으로, 부호와 범위가 있습니다.",
    ),
    entry(
        Theme::Momentum,
        "TRIX(15)",
        "Change of a triply smoothed average: slow momentum without the noise.",
        "세 번 평활한 평균의 변화율: 잡음 없는 느린 모멘텀입니다.",
    ),
    entry(
        Theme::Momentum,
        "BOP",
        "Where the bar closed against where it opened, as a share of its range.",
        "봉의 범위에 대한 시가에서 종가까지의 비율입니다.",
    ),
    entry(
        Theme::Momentum,
        "AO(5, 34) | over_atr(14)",
        "Fast against slow average of the bar's middle, in average ranges.",
        "봉 중간값의 빠른 평균과 느린 평균의 차이(평균 범위 단위)입니다.",
    ),
    entry(
        Theme::Momentum,
        "FISHER(10).fisher | clip(-6, 6)",
        "Place in the recent range, stretched so that extremes stand out.",
        "최근 범위 안의 위치를 극단이 드러나게 늘린 값입니다.",
    ),
    entry(
        Theme::Volatility,
        "NATR(14)",
        "Average true range in percent of the price.",
        "가격 대비 평균 실제 범위(%)입니다.",
    ),
    entry(
        Theme::Volatility,
        "BBW(20, 2, 2, SMA)",
        "Width of the Bollinger bands: squeezed or stretched.",
        "볼린저 밴드의 폭: 수축과 확장을 봅니다.",
    ),
    entry(
        Theme::Volatility,
        "PERCENTB(20, 2, 2, SMA) | clip(-2, 3)",
        "Place of the close between the Bollinger bands.",
        "볼린저 밴드 안에서 종가의 위치입니다.",
    ),
    entry(
        Theme::Volatility,
        "ROGERSSATCHELL(20, 1)",
        "Volatility from open, high, low and close that a drift does not disturb; per bar, not annualised.",
        "추세에 흔들리지 않는 시고저종 변동성(연율화하지 않음)입니다.",
    ),
    entry(
        Theme::Volatility,
        "TRANGE | over_atr(14)",
        "This bar's range against the usual one.",
        "이번 봉의 범위를 평소와 비교합니다.",
    ),
    entry(
        Theme::Volatility,
        "CHOP(14) | unit(0, 100)",
        "Whether the market wanders or travels.",
        "시장이 제자리인지 나아가는지 나타냅니다.",
    ),
    entry(
        Theme::Volatility,
        "RVI(14, 10) | unit(0, 100)",
        "Whether volatility comes with rises or with falls.",
        "변동성이 상승과 하락 중 어디에 실리는지 나타냅니다.",
    ),
    entry(
        Theme::Volume,
        "OBV | diff(10) | over_volume(20)",
        "Volume of rising bars less that of falling ones over ten bars, in usual bars.",
        "10봉 동안 상승 거래량에서 하락 거래량을 뺀 값(평소 봉 단위)입니다.",
    ),
    entry(
        Theme::Volume,
        "AD | diff(10) | over_volume(20)",
        "Volume weighted by where bars closed, over ten bars, in usual bars.",
        "종가 위치로 가중한 10봉 거래량(평소 봉 단위)입니다.",
    ),
    entry(
        Theme::Volume,
        "ADOSC(3, 10) | over_volume(20)",
        "Whether accumulation gains or fades.",
        "매집이 강해지는지 약해지는지 봅니다.",
    ),
    entry(
        Theme::Volume,
        "CMF(20)",
        "Money flow of the last bars, between −1 and 1.",
        "최근 자금 흐름으로 −1과 1 사이입니다.",
    ),
    entry(
        Theme::Volume,
        "MFI(14) | unit(0, 100)",
        "RSI weighted by volume.",
        "거래량으로 가중한 RSI입니다.",
    ),
    entry(
        Theme::Volume,
        "PVO(12, 26, EMA) | log1p",
        "Fast against slow average volume in percent: is interest rising.",
        "빠른 평균 거래량과 느린 평균 거래량의 차이(%): 관심이 커지는지 봅니다.",
    ),
    entry(
        Theme::Volume,
        "EFI(13) | over_volume(20) | over_atr(14)",
        "Price change times volume: the force behind the move.",
        "가격 변화와 거래량의 곱: 움직임에 실린 힘입니다.",
    ),
    entry(
        Theme::Volume,
        "KVO(34, 55, 13).kvo | over_volume(20) | log1p",
        "Klinger's volume force, fast against slow.",
        "클링거 거래량 힘의 빠른 평균과 느린 평균의 차이입니다.",
    ),
    entry(
        Theme::Cycle,
        "HT_DCPERIOD | unit(6, 50)",
        "Length of the dominant cycle in bars.",
        "지배 주기의 길이(봉 수)입니다.",
    ),
    entry(
        Theme::Cycle,
        "HT_PHASOR.in_phase | over_atr(14)",
        "Part of the dominant cycle that is in step with the price.",
        "가격과 같은 위상인 지배 주기 성분입니다.",
    ),
    entry(
        Theme::Cycle,
        "MAMA(0.5, 0.05).mama | relative",
        "Average whose speed follows the cycle's phase, against the close.",
        "주기의 위상에 따라 빨라지는 평균과 종가의 거리입니다.",
    ),
    entry(
        Theme::Cycle,
        "SWAK_BP(20, 0.1) | over_atr(14)",
        "What swings with a period of about twenty bars, in average ranges.",
        "약 20봉 주기의 흔들림(평균 범위 단위)입니다.",
    ),
    entry(
        Theme::Statistics,
        "LINEARREG_SLOPE(14) | over_atr(14)",
        "Slope of the straight line through the last closes, in average ranges a bar.",
        "최근 종가에 맞춘 직선의 기울기(평균 범위 단위)입니다.",
    ),
    entry(
        Theme::Statistics,
        "TSF(14) | relative",
        "Where that line points one bar ahead, against the close.",
        "그 직선이 다음 봉에서 가리키는 값과 종가의 거리입니다.",
    ),
    entry(
        Theme::Statistics,
        "CORREL(30, input0=returns(1), input1=volume)",
        "Whether volume comes with rises or with falls: correlation of return and volume.",
        "수익률과 거래량의 상관: 거래량이 상승과 하락 중 어디에 몰리는지 봅니다.",
    ),
    entry(
        Theme::Statistics,
        "PERCENTRANK(100) | unit(0, 100)",
        "Share of the last hundred closes below this one.",
        "최근 100개 종가 가운데 지금보다 낮은 것의 비율입니다.",
    ),
    entry(
        Theme::Statistics,
        "CTI(20)",
        "Correlation of the price with a straight line: how steady the trend is.",
        "가격과 직선의 상관: 추세가 얼마나 고른지 나타냅니다.",
    ),
    entry(
        Theme::Returns,
        "returns(1)",
        "Log return of the last bar.",
        "직전 봉의 로그 수익률입니다.",
    ),
    entry(
        Theme::Returns,
        "returns(2)",
        "Log return over two bars.",
        "2봉 로그 수익률입니다.",
    ),
    entry(
        Theme::Returns,
        "returns(5)",
        "Log return over five bars.",
        "5봉 로그 수익률입니다.",
    ),
    entry(
        Theme::Returns,
        "returns(10)",
        "Log return over ten bars.",
        "10봉 로그 수익률입니다.",
    ),
    entry(
        Theme::Returns,
        "returns(20)",
        "Log return over twenty bars.",
        "20봉 로그 수익률입니다.",
    ),
    entry(
        Theme::Calendar,
        "time_of_day",
        "Hour of the close in UTC as a point on a circle: two columns, sine and cosine.",
        "종가 시각(UTC)을 원 위의 점으로 나타낸 두 열(사인·코사인)입니다.",
    ),
    entry(
        Theme::Calendar,
        "day_of_week",
        "Time of the week of the close as a point on a circle: two columns.",
        "종가의 요일과 시각을 원 위의 점으로 나타낸 두 열입니다.",
    ),
];

/// Returns the specs of [`DEFAULT_SET`], ready for a configuration file.
#[must_use]
pub fn default_specs() -> Vec<&'static str> {
    DEFAULT_SET.iter().map(|feature| feature.spec).collect()
}
