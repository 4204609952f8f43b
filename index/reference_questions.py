"""Everyday questions of no particular subject: their mean vector is what a language itself adds to a vector.

Parallel in meaning, so that the difference of the two means is the difference of the languages.
"""

from __future__ import annotations

REFERENCE_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("How much money can a company receive?", "企业可以拿到多少钱？"),
    ("Who is responsible for this?", "这件事由谁负责？"),
    ("When does it come into force?", "什么时候开始施行？"),
    ("What are the conditions for applying?", "申请需要满足哪些条件？"),
    ("Where can I find the application form?", "申请表在哪里下载？"),
    ("Which city has the largest population?", "哪座城市人口最多？"),
    ("How long does the procedure take?", "办理手续要多长时间？"),
    ("What happened in the year 1990?", "1990年发生了什么事？"),
    ("Who wrote this book?", "这本书是谁写的？"),
    ("What is the main cause of the disease?", "这种疾病的主要病因是什么？"),
    ("Why was the bridge closed?", "这座桥为什么被关闭？"),
    ("How many people work in the factory?", "这家工厂有多少人工作？"),
    ("What is the name of the river?", "这条河叫什么名字？"),
    ("Which team won the game?", "哪支球队赢得了比赛？"),
    ("What kind of energy does the plant use?", "这座电厂使用哪种能源？"),
    ("What do students learn at this school?", "学生在这所学校学什么？"),
    ("Who was the king at that time?", "当时的国王是谁？"),
    ("How is the temperature measured?", "温度是怎样测量的？"),
    ("What language is spoken in the region?", "该地区讲什么语言？"),
    ("Is support available for small enterprises?", "小企业能得到支持吗？"),
    ("What is the highest mountain in the country?", "全国最高的山是哪座？"),
    ("How did the war begin?", "战争是怎样开始的？"),
    ("What percentage of the cost is covered?", "费用的百分之多少可以报销？"),
    ("Which government department handles complaints?", "哪个政府部门处理投诉？"),
    ("What is the chemical formula of the compound?", "这种化合物的化学式是什么？"),
    ("When was the law passed by parliament?", "议会什么时候通过这部法律？"),
    ("How far is it from the station to the airport?", "从车站到机场有多远？"),
    ("What materials is the building made of?", "这栋建筑用什么材料建成？"),
    ("Who invented the steam engine?", "谁发明了蒸汽机？"),
    ("What effect does it have on the economy?", "它对经济有什么影响？"),
    ("How many members does the committee have?", "委员会有多少名成员？"),
    ("What was the result of the experiment?", "实验的结果是什么？"),
    ("Can foreigners apply as well?", "外国人也可以申请吗？"),
    ("Which software should be installed first?", "应该先安装哪个软件？"),
    ("What does the church teach about marriage?", "教会对婚姻有什么教导？"),
    ("How are the cells of plants different?", "植物的细胞有什么不同？"),
    ("What is the best time to visit?", "什么时候去最好？"),
    ("Which company built the first railway?", "哪家公司修建了第一条铁路？"),
    ("What should I do if my card is lost?", "卡丢了怎么办？"),
    ("How old was the author when he died?", "作者去世时多大年纪？"),
)
