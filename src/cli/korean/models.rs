//! What is said of models in the help, in Korean.

/// Each sentence with its translation.
pub const KOREAN: &[(&str, &str)] = &[
    (
        "List, show, export and name the models that runs left",
        "실행이 남긴 모델을 나열하고 보여 주고, 내보내거나 이름을 붙입니다",
    ),
    (
        "List every run's best and last model of each seed, newest run first",
        "실행마다 시드별 최고 모델과 마지막 모델을 최신순으로 나열합니다",
    ),
    (
        "Show a model's passport: what it was made of, what came of it, where its files lie",
        "모델의 명세를 보여 줍니다: 무엇으로 만들었는지, 결과, 파일 위치",
    ),
    (
        "Copy a model into a folder with passport, settings and checksums",
        "모델을 명세, 설정, 체크섬과 함께 폴더 하나로 복사합니다",
    ),
    (
        "Give a model a name, by which others find it; a name given again points elsewhere",
        "모델에 이름을 붙여 다른 곳에서 찾게 합니다. 이미 있는 이름은 새 모델을 가리키게 됩니다",
    ),
    (
        "Take a name away from its model; the model stays, and so does the name's history",
        "모델에서 이름을 뗍니다. 모델과 이름의 기록은 그대로 남습니다",
    ),
    (
        "Model: its name, or RUN, RUN/SEED, RUN/SEED/best or RUN/SEED/last",
        "모델: 붙인 이름 또는 실행, 실행/시드, 실행/시드/best, 실행/시드/last",
    ),
    (
        "Folder that takes the export, or a new file that ends in .tar.gz or .tgz (default: exports/RUN beside the runs)",
        "내보낸 것을 둘 폴더 또는 .tar.gz나 .tgz로 끝나는 새 파일(기본값: 실행 폴더 옆의 exports/실행)",
    ),
    (
        "Write one .tar.gz instead of a folder; the same model gives the same bytes",
        "폴더 대신 .tar.gz 파일 하나로 저장합니다. 모델이 같으면 파일 내용도 똑같습니다",
    ),
    (
        "The name that it gets, e.g. btc-hourly",
        "붙일 이름. 예: btc-hourly",
    ),
    ("The name to take away", "뗄 이름"),
];
