"""Words without content of their own, in the languages of claims."""

from __future__ import annotations

_WORDS = {
    "en": """
a about above according across after again against ago all almost along already also although
always am among amid an and another any anyone anything are around as at away back be because been
before behind being below besides between both but by can cannot could couldn did didn do does
doesn doing don done down due during each either else even ever every few for from further get
gets getting got had has hasn have haven having he her here hers herself him himself his how
however i if in indeed instead into is isn it its itself just lately least less let like likewise
ll made make makes many may maybe me meanwhile might more moreover most much must my myself near
nearly neither nevertheless no none nor not now of off often on once one only onto or other others
otherwise our ours out over own per perhaps quite rather re really s same shall she should shouldn
since so some something sometimes somewhat soon still such t than that the their theirs them
themselves then there thereby therefore these they this those though through throughout thus to
together too toward towards under unless until up upon us ve very via was wasn we well were weren
what whatever when where whereas whether which while who whoever whole whom whose why will with
within without won would wouldn yes yet you your yours first second last new said say says saying
tell tells told state states stated write writes wrote add adds added report reports reported note
notes noted claim claims claimed argue argues argued explain explains explained think thinks
thought believe believes believed approximately roughly several merely barely currently recently
today mr mrs ms dr able thing things way ways lot lots kind sort people person someone everybody
everyone commenter commenters user author article
""",
    "de": """
zurück fort weg los hin dabei euro ab aber alle allem allen aller alles als also am an andere
anderen anderer anderes auch auf aus bei beim bereits bis bisher bloß da dadurch dafür dagegen
daher dahin damals damit danach daneben dann daran darauf daraus darin darüber darum das dass
dasselbe davon davor dazu dein dem demnach den denen denn dennoch der deren derer derselbe des
deshalb dessen desto die dies diese diesem diesen dieser dieses doch dort du durch eben ein eine
einem einen einer eines einige einigen einiger einmal er es etwa etwas euch euer fast für ganz gar
gegen gegenüber gemeinsam gerade gern gewesen gibt habe haben hast hat hatte hatten hätte hätten
her hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem innerhalb ins
insgesamt inzwischen ist ja je jede jedem jeden jeder jedes jedoch jene jenem jenen jener jenes
jetzt kann kein keine keinem keinen keiner keines können könnte lediglich machen man manche mehr
mein mindestens mit mögen muss müssen nach nachdem nahm nämlich neben nicht nichts noch nun nur ob
oder ohne rund schon sehr sei seien sein seine seinem seinen seiner seines seit seitdem selbst
sich sie sind so sobald sofern sogar solche solchem solchen solcher soll sollen sollte sollten
somit sondern sonst sowie sowohl statt trotz trotzdem über um und uns unser unter viel viele
vielen vom von vor vorher während wann war waren warum was weder wegen weil weiter weitere
weiteren weiterhin welche welchem welchen welcher welches wenig weniger wenn wer werde werden wie
wieder will wir wird wo wohl wollen worden wurde wurden würde würden zu zufolge zum zur zwar
zwischen laut sagt sagte sagen sagten erklärt erklärte erklären meint meinte heißt hieß bekam
bekamen lassen lässt ließ ging geht gehen
""",
    "es": """
a además ahora al algo alguien algún alguna algunas alguno algunos allí ambos ante antes apenas
aquel aquella aquellas aquello aquellos aquí así aun aún aunque bajo bien cada casi como cómo con
contra cual cuál cuales cualquier cuando cuándo cuanto cuya cuyas cuyo cuyos de dejó del desde
después donde dónde dos durante e el él ella ellas ello ellos en entonces entre era eran eres es
esa esas ese eso esos esta está estaba estaban están estar estas este esto estos estuvo fue fueron
fuera gran ha había habían haber hace hacer hacia han hasta hay he hubiera hubo igual incluso ir
la las le les lo los luego más me mediante menos mi mientras misma mismas mismo mismos mucha
muchas mucho muchos muy nada ni ningún ninguna ninguno no nos nosotros nuestra nuestro nunca o os
otra otras otro otros para parte pero poco pocos podía podrá podrían por porque pues que qué quien
quién quienes sea sean según ser si sí sido siempre siendo sin sino sobre sólo solo son su sus
suya también tampoco tan tanto te tendrá tener tenía ti tiene tienen toda todas todavía todo todos
tras tu tus un una unas uno unos usted va van varias varios vez vosotros y ya yo dijo dice decir
aseguró afirma afirmó señaló explicó quedaron parece pudo pueden puede ciento
""",
    "fr": """
à afin ai ainsi alors après au aucun aucune aujourd aussi autre autres aux avant avec avoir c car
ce ceci cela celle celles celui cependant ces cet cette ceux chaque chez ci comme comment contre d
dans de déjà depuis des dont du elle elles en encore entre environ es est et étaient était été
être eu eux fait fois font hors ici il ils j je jusqu l la là le les leur leurs lors lorsque lui m
ma mais me même mêmes mes moins mon n ne ni non nos notre nous on ont ou où par parce pas pendant
peu peut plus plusieurs pour pourquoi quand que quel quelle quelles quelque qui quoi s sa sans se
selon ses si sien son sont sous sur t ta tandis te tes toi ton tous tout toute toutes très tu un
une va vers vos votre vous y dit affirme déclare
""",
}
STOPWORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
