//! TA-Lib's streams behind one signature: a row a function, as declarative as its metadata.
//!
//! The abstract layer of `ta-lib` lists and calls batch functions only; its streams are typed one by
//! one. This table pairs each function with its opener, its inputs (in the order of its
//! [`InputSlot`](crate::InputSlot)s, bar columns spread out) and the kinds of its parameters.
//! A test opens every row and holds it to the batch bits. Start at [`open`].

use crate::source::Number;
use ta_lib::{Core, MAType, RetCode, abstract_api::FuncId};

/// No function has more outputs.
pub const MAX_OUTPUTS: usize = 4;

/// The outputs of one bar, in order; unused places are 0.
pub type Outputs = [f64; MAX_OUTPUTS];

/// Takes the inputs of the next bar, in order; returns its outputs.
pub type Step = Box<dyn FnMut(&[f64]) -> Result<Outputs, RetCode> + Send>;

/// Brings a stream's typed outputs to one shape.
trait Widen {
    fn widen(self) -> Outputs;
}

impl Widen for f64 {
    fn widen(self) -> Outputs {
        [self, 0.0, 0.0, 0.0]
    }
}

impl Widen for i32 {
    fn widen(self) -> Outputs {
        f64::from(self).widen()
    }
}

macro_rules! widen_tuples {
    ($(($($field:ident $index:tt),*))*) => {$(
        impl<$($field: Into<f64>),*> Widen for ($($field,)*) {
            fn widen(self) -> Outputs {
                let mut outputs = Outputs::default();
                $(outputs[$index] = self.$index.into();)*
                outputs
            }
        }
    )*};
}

widen_tuples! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
}

fn int(params: &[Number], index: usize) -> Result<i32, RetCode> {
    match params.get(index) {
        Some(Number::Integer(value)) => Ok(*value),
        _ => Err(RetCode::BadParam),
    }
}

fn real(params: &[Number], index: usize) -> Result<f64, RetCode> {
    match params.get(index) {
        Some(Number::Real(value)) => Ok(*value),
        _ => Err(RetCode::BadParam),
    }
}

fn average(params: &[Number], index: usize) -> Result<MAType, RetCode> {
    MAType::try_from(int(params, index)?)
}

macro_rules! registry {
    ($($id:ident $open:ident ($($input:literal)*) ($($kind:ident $param:literal)*);)*) => {
        /// Opens `function`'s stream over `history`, one equally long series an input, of at least
        /// lookback + 1 values. Returns the step and the outputs of the last bar of the history.
        ///
        /// # Errors
        /// TA-Lib's code: a parameter out of range, or too short a history.
        pub fn open(
            core: &Core,
            function: FuncId,
            history: &[Vec<f64>],
            params: &[Number],
        ) -> Result<(Step, Outputs), RetCode> {
            match function {
                $(FuncId::$id => {
                    let (mut stream, last) =
                        core.$open($(&history[$input],)* $($kind(params, $param)?,)*)?;
                    let step = move |bar: &[f64]| Ok(stream.update($(bar[$input],)*)?.widen());
                    Ok((Box::new(step), last.widen()))
                })*
                _ => Err(RetCode::FuncNotFound),
            }
        }
    };
}

registry! {
    AC ac_open (0 1) (int 0 int 1 int 2);
    ACCBANDS accbands_open (0 1 2) (int 0);
    ACOS acos_open (0) ();
    AD ad_open (0 1 2 3) ();
    ADD add_open (0 1) ();
    ADOSC adosc_open (0 1 2 3) (int 0 int 1);
    ADR adr_open (0 1) (int 0);
    ADX adx_open (0 1 2) (int 0);
    ADXR adxr_open (0 1 2) (int 0);
    ALMA alma_open (0) (int 0 real 1 real 2);
    AO ao_open (0 1) (int 0 int 1);
    APO apo_open (0) (int 0 int 1 average 2);
    AROON aroon_open (0 1) (int 0);
    AROONOSC aroonosc_open (0 1) (int 0);
    ASI asi_open (0 1 2 3) (real 0);
    ASIN asin_open (0) ();
    ATAN atan_open (0) ();
    ATR atr_open (0 1 2) (int 0);
    AVGDEV avgdev_open (0) (int 0);
    AVGPRICE avgprice_open (0 1 2 3) ();
    BBANDS bbands_open (0) (int 0 real 1 real 2 average 3);
    BBW bbw_open (0) (int 0 real 1 real 2 average 3);
    BETA beta_open (0 1) (int 0);
    BOP bop_open (0 1 2 3) ();
    CCI cci_open (0 1 2) (int 0);
    CDL2CROWS cdl2crows_open (0 1 2 3) ();
    CDL3BLACKCROWS cdl3blackcrows_open (0 1 2 3) ();
    CDL3INSIDE cdl3inside_open (0 1 2 3) ();
    CDL3LINESTRIKE cdl3linestrike_open (0 1 2 3) ();
    CDL3OUTSIDE cdl3outside_open (0 1 2 3) ();
    CDL3STARSINSOUTH cdl3starsinsouth_open (0 1 2 3) ();
    CDL3WHITESOLDIERS cdl3whitesoldiers_open (0 1 2 3) ();
    CDLABANDONEDBABY cdlabandonedbaby_open (0 1 2 3) (real 0);
    CDLADVANCEBLOCK cdladvanceblock_open (0 1 2 3) ();
    CDLBELTHOLD cdlbelthold_open (0 1 2 3) ();
    CDLBREAKAWAY cdlbreakaway_open (0 1 2 3) ();
    CDLCLOSINGMARUBOZU cdlclosingmarubozu_open (0 1 2 3) ();
    CDLCONCEALBABYSWALL cdlconcealbabyswall_open (0 1 2 3) ();
    CDLCOUNTERATTACK cdlcounterattack_open (0 1 2 3) ();
    CDLDARKCLOUDCOVER cdldarkcloudcover_open (0 1 2 3) (real 0);
    CDLDOJI cdldoji_open (0 1 2 3) ();
    CDLDOJISTAR cdldojistar_open (0 1 2 3) ();
    CDLDRAGONFLYDOJI cdldragonflydoji_open (0 1 2 3) ();
    CDLENGULFING cdlengulfing_open (0 1 2 3) ();
    CDLEVENINGDOJISTAR cdleveningdojistar_open (0 1 2 3) (real 0);
    CDLEVENINGSTAR cdleveningstar_open (0 1 2 3) (real 0);
    CDLGAPSIDESIDEWHITE cdlgapsidesidewhite_open (0 1 2 3) ();
    CDLGRAVESTONEDOJI cdlgravestonedoji_open (0 1 2 3) ();
    CDLHAMMER cdlhammer_open (0 1 2 3) ();
    CDLHANGINGMAN cdlhangingman_open (0 1 2 3) ();
    CDLHARAMI cdlharami_open (0 1 2 3) ();
    CDLHARAMICROSS cdlharamicross_open (0 1 2 3) ();
    CDLHIGHWAVE cdlhighwave_open (0 1 2 3) ();
    CDLHIKKAKE cdlhikkake_open (0 1 2 3) ();
    CDLHIKKAKEMOD cdlhikkakemod_open (0 1 2 3) ();
    CDLHOMINGPIGEON cdlhomingpigeon_open (0 1 2 3) ();
    CDLIDENTICAL3CROWS cdlidentical3crows_open (0 1 2 3) ();
    CDLINNECK cdlinneck_open (0 1 2 3) ();
    CDLINVERTEDHAMMER cdlinvertedhammer_open (0 1 2 3) ();
    CDLKICKING cdlkicking_open (0 1 2 3) ();
    CDLKICKINGBYLENGTH cdlkickingbylength_open (0 1 2 3) ();
    CDLLADDERBOTTOM cdlladderbottom_open (0 1 2 3) ();
    CDLLONGLEGGEDDOJI cdllongleggeddoji_open (0 1 2 3) ();
    CDLLONGLINE cdllongline_open (0 1 2 3) ();
    CDLMARUBOZU cdlmarubozu_open (0 1 2 3) ();
    CDLMATCHINGLOW cdlmatchinglow_open (0 1 2 3) ();
    CDLMATHOLD cdlmathold_open (0 1 2 3) (real 0);
    CDLMORNINGDOJISTAR cdlmorningdojistar_open (0 1 2 3) (real 0);
    CDLMORNINGSTAR cdlmorningstar_open (0 1 2 3) (real 0);
    CDLONNECK cdlonneck_open (0 1 2 3) ();
    CDLPIERCING cdlpiercing_open (0 1 2 3) ();
    CDLRICKSHAWMAN cdlrickshawman_open (0 1 2 3) ();
    CDLRISEFALL3METHODS cdlrisefall3methods_open (0 1 2 3) ();
    CDLSEPARATINGLINES cdlseparatinglines_open (0 1 2 3) ();
    CDLSHOOTINGSTAR cdlshootingstar_open (0 1 2 3) ();
    CDLSHORTLINE cdlshortline_open (0 1 2 3) ();
    CDLSPINNINGTOP cdlspinningtop_open (0 1 2 3) ();
    CDLSTALLEDPATTERN cdlstalledpattern_open (0 1 2 3) ();
    CDLSTICKSANDWICH cdlsticksandwich_open (0 1 2 3) ();
    CDLTAKURI cdltakuri_open (0 1 2 3) ();
    CDLTASUKIGAP cdltasukigap_open (0 1 2 3) ();
    CDLTHRUSTING cdlthrusting_open (0 1 2 3) ();
    CDLTRISTAR cdltristar_open (0 1 2 3) ();
    CDLUNIQUE3RIVER cdlunique3river_open (0 1 2 3) ();
    CDLUPSIDEGAP2CROWS cdlupsidegap2crows_open (0 1 2 3) ();
    CDLXSIDEGAP3METHODS cdlxsidegap3methods_open (0 1 2 3) ();
    CEIL ceil_open (0) ();
    CG cg_open (0) (int 0);
    CHOP chop_open (0 1 2) (int 0);
    CHOPTR choptr_open (0 1 2) (int 0);
    CKSP cksp_open (0 1 2) (int 0 real 1 int 2);
    CMF cmf_open (0 1 2 3) (int 0);
    CMO cmo_open (0) (int 0);
    CMOU cmou_open (0) (int 0);
    COPPOCK coppock_open (0) (int 0 int 1 int 2);
    CORREL correl_open (0 1) (int 0);
    COS cos_open (0) ();
    COSH cosh_open (0) ();
    CRSI crsi_open (0) (int 0 int 1 int 2);
    CTI cti_open (0) (int 0);
    CUMSUM cumsum_open (0) ();
    CVI cvi_open (0 1) (int 0 int 1);
    DEMA dema_open (0) (int 0);
    DIV div_open (0 1) ();
    DONCHIAN donchian_open (0 1) (int 0);
    DOSC dosc_open (0) (int 0 int 1 int 2 int 3);
    DPO dpo_open (0) (int 0);
    DX dx_open (0 1 2) (int 0);
    EFI efi_open (0 1) (int 0);
    EMA ema_open (0) (int 0);
    EMV emv_open (0 1 2) (int 0 real 1);
    ER er_open (0) (int 0);
    ERI eri_open (0 1 2) (int 0);
    EXP exp_open (0) ();
    FISHER fisher_open (0 1) (int 0);
    FLOOR floor_open (0) ();
    FOSC fosc_open (0) (int 0);
    FRACTAL fractal_open (0 1) (int 0 int 1);
    FRAMA frama_open (0 1) (int 0);
    HA ha_open (0 1 2 3) ();
    HMA hma_open (0) (int 0);
    HT_DCPERIOD ht_dcperiod_open (0) ();
    HT_DCPHASE ht_dcphase_open (0) ();
    HT_PHASOR ht_phasor_open (0) ();
    HT_SINE ht_sine_open (0) ();
    HT_TRENDLINE ht_trendline_open (0) ();
    HT_TRENDMODE ht_trendmode_open (0) ();
    IBS ibs_open (0 1 2) ();
    ICHIMOKU ichimoku_open (0 1) (int 0 int 1 int 2);
    IMI imi_open (0 1) (int 0);
    KAMA kama_open (0) (int 0);
    KC kc_open (0 1 2) (int 0 int 1 real 2);
    KDJ kdj_open (0 1 2) (int 0 int 1 average 2 int 3 average 4);
    KST kst_open (0) (int 0 int 1 int 2 int 3 int 4 int 5 int 6 int 7 int 8);
    KSTEXT kstext_open (0) (int 0 int 1 int 2 int 3 int 4 int 5 int 6 int 7 int 8 average 9 average 10);
    KURTOSIS kurtosis_open (0) (int 0);
    KVO kvo_open (0 1 2 3) (int 0 int 1 int 2);
    LINEARREG linearreg_open (0) (int 0);
    LINEARREG_ANGLE linearreg_angle_open (0) (int 0);
    LINEARREG_INTERCEPT linearreg_intercept_open (0) (int 0);
    LINEARREG_SLOPE linearreg_slope_open (0) (int 0);
    LN ln_open (0) ();
    LOG10 log10_open (0) ();
    MA ma_open (0) (int 0 average 1);
    MACD macd_open (0) (int 0 int 1 int 2);
    MACDEXT macdext_open (0) (int 0 average 1 int 2 average 3 int 4 average 5);
    MACDFIX macdfix_open (0) (int 0);
    MAMA mama_open (0) (real 0 real 1);
    MARKETFI marketfi_open (0 1 2) ();
    MASSI massi_open (0 1) (int 0 int 1);
    MAVP mavp_open (0 1) (int 0 int 1 average 2);
    MAX max_open (0) (int 0);
    MAXINDEX maxindex_open (0) (int 0);
    MCGD mcgd_open (0) (int 0);
    MEDIAN median_open (0) (int 0);
    MEDPRICE medprice_open (0 1) ();
    MFI mfi_open (0 1 2 3) (int 0);
    MIDPOINT midpoint_open (0) (int 0);
    MIDPRICE midprice_open (0 1) (int 0);
    MIN min_open (0) (int 0);
    MININDEX minindex_open (0) (int 0);
    MINMAX minmax_open (0) (int 0);
    MINMAXINDEX minmaxindex_open (0) (int 0);
    MINUS_DI minus_di_open (0 1 2) (int 0);
    MINUS_DM minus_dm_open (0 1) (int 0);
    MOM mom_open (0) (int 0);
    MULT mult_open (0 1) ();
    NATR natr_open (0 1 2) (int 0);
    NVI nvi_open (0 1) ();
    OBV obv_open (0 1) ();
    PERCENTB percentb_open (0) (int 0 real 1 real 2 average 3);
    PERCENTILE percentile_open (0) (int 0 real 1);
    PERCENTRANK percentrank_open (0) (int 0);
    PLUS_DI plus_di_open (0 1 2) (int 0);
    PLUS_DM plus_dm_open (0 1) (int 0);
    PPO ppo_open (0) (int 0 int 1 average 2);
    PSO pso_open (0 1 2) (int 0 int 1);
    PVI pvi_open (0 1) ();
    PVO pvo_open (0) (int 0 int 1 average 2);
    PVT pvt_open (0 1) ();
    QSTICK qstick_open (0 1) (int 0);
    RMA rma_open (0) (int 0);
    ROC roc_open (0) (int 0);
    ROCP rocp_open (0) (int 0);
    ROCR rocr_open (0) (int 0);
    ROCR100 rocr100_open (0) (int 0);
    ROGERSSATCHELL rogerssatchell_open (0 1 2 3) (int 0 real 1);
    RSI rsi_open (0) (int 0);
    RVI rvi_open (0) (int 0 int 1);
    RVIR rvir_open (0 1) (int 0 int 1);
    RVOL rvol_open (0) (int 0);
    SAR sar_open (0 1) (real 0 real 1);
    SAREXT sarext_open (0 1) (real 0 real 1 real 2 real 3 real 4 real 5 real 6 real 7);
    SI si_open (0 1 2 3) (real 0);
    SIN sin_open (0) ();
    SINH sinh_open (0) ();
    SMA sma_open (0) (int 0);
    SMI smi_open (0 1 2) (int 0 int 1 int 2 int 3);
    SQRT sqrt_open (0) ();
    SQZMOM sqzmom_open (0 1 2) (int 0 real 1 int 2 real 3 real 4 real 5);
    STC stc_open (0) (int 0 int 1 int 2);
    STDDEV stddev_open (0) (int 0 real 1);
    STOCH stoch_open (0 1 2) (int 0 int 1 average 2 int 3 average 4);
    STOCHF stochf_open (0 1 2) (int 0 int 1 average 2);
    STOCHRSI stochrsi_open (0) (int 0 int 1 int 2 average 3);
    SUB sub_open (0 1) ();
    SUM sum_open (0) (int 0);
    SUPERTREND supertrend_open (0 1 2) (int 0 real 1);
    SWAK_2PHP swak_2php_open (0) (int 0);
    SWAK_BP swak_bp_open (0) (int 0 real 1);
    SWAK_BUTTER swak_butter_open (0) (int 0);
    SWAK_GAUSS swak_gauss_open (0) (int 0);
    SWAK_HP swak_hp_open (0) (int 0);
    T3 t3_open (0) (int 0 real 1);
    TAN tan_open (0) ();
    TANH tanh_open (0) ();
    TEMA tema_open (0) (int 0);
    TRANGE trange_open (0 1 2) ();
    TRIMA trima_open (0) (int 0);
    TRIX trix_open (0) (int 0);
    TSF tsf_open (0) (int 0);
    TSI tsi_open (0) (int 0 int 1);
    TYPPRICE typprice_open (0 1 2) ();
    ULTOSC ultosc_open (0 1 2) (int 0 int 1 int 2);
    VAR var_open (0) (int 0 real 1);
    VHF vhf_open (0) (int 0);
    VIDYA vidya_open (0) (int 0 int 1);
    VORTEX vortex_open (0 1 2) (int 0);
    VWAP vwap_open (0 1 2 3) ();
    VWMA vwma_open (0 1) (int 0);
    WAD wad_open (0 1 2) ();
    WAVETREND wavetrend_open (0 1 2) (int 0 int 1 int 2);
    WCLPRICE wclprice_open (0 1 2) ();
    WILLR willr_open (0 1 2) (int 0);
    WMA wma_open (0) (int 0);
    ZIGZAG zigzag_open (0 1) (real 0 int 1);
    ZLEMA zlema_open (0) (int 0);
}
