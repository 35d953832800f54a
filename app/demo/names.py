"""Invented names of places and people. Nobody and no place is meant."""

from random import Random

from app.domain.words import Sex

COUNTY = 990127000000  # codes that begin with 99 belong to no province
COUNTY_ZH = "示范县"
PREFECTURE, PREFECTURE_ZH = 990100000000, "示范市"
PROVINCE, PROVINCE_ZH = 990000000000, "示范省"

TOWNSHIPS_ZH = (
    "云溪镇",
    "石桥镇",
    "青坪镇",
    "枫林镇",
    "白沙镇",
    "文渡镇",
    "龙池镇",
    "松岭镇",
    "临湖镇",
    "梅坞镇",
    "平川镇",
    "双塘镇",
    "安和乡",
    "竹源乡",
    "金滩乡",
    "半山乡",
    "长垄乡",
    "清泉乡",
    "桃湾乡",
    "里洋乡",
    "高岗乡",
    "南坑乡",
    "城关街道",
)

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜"
_MALE = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊志建国富贵福生根水金木土山林松柏"
_FEMALE = "芳娜敏静丽强艳娟霞秀英玲桂兰凤洁梅琳素云莲真环雪荣爱妹香月莺媛红春菊珍彩"
_SECOND = "文德世永庆玉金春秋小大新长志立忠诚孝义仁和安乐康宁福寿"


def township(place: int) -> int:
    """Give the 12-digit code of a township, by its place in TOWNSHIPS_ZH."""
    return COUNTY + 100_000 + place * 1000


def surname(random: Random) -> str:
    """Draw a family name."""
    return random.choice(_SURNAMES)


def given_name(random: Random, sex: Sex) -> str:
    """Draw a given name of one or two characters."""
    last = random.choice(_MALE if sex is Sex.MALE else _FEMALE)
    return last if random.random() < 0.2 else random.choice(_SECOND) + last  # noqa: PLR2004
