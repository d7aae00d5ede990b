"""The legal forms that companies carry in their names where our languages are spoken, and next door. Only words:
companies.py says where in a name they count.
"""

from __future__ import annotations

#: At the end of a name. Written as people write them; companies.py folds them as it folds names. One that a brand may
#: well end in (EV, ME, PC, Group, Holding) is not here: a manager looks at names that differ by it.
FORMS = """
inc, incorporated, corp, corporation, co, company, llc, llp, lp, ltd, limited, plc, pllc, pty, pte, pvt,
public limited company, private limited, limited liability company, limited partnership,
gmbh, mbh, gesmbh, ggmbh, ag, kg, kgaa, ohg, ug, ug haftungsbeschränkt, haftungsbeschränkt, gbr, eg, ek, ekfm, se,
aktiengesellschaft, gesellschaft mit beschränkter haftung, kommanditgesellschaft, sagl,
sa, sarl, sas, sasu, eurl, selarl, snc, scs, sca, scop, gie, cie, société anonyme, société par actions simplifiée,
société à responsabilité limitée,
bv, nv, bvba, vof, cv, cvba, sprl, srl, besloten vennootschap, naamloze vennootschap,
sl, slu, sll, slp, sau, sociedad limitada, sociedad anónima, sociedad de responsabilidad limitada, sa de cv, sapi de cv,
s de rl, s de rl de cv,
spa, srls, sapa, scarl, società per azioni, società a responsabilità limitata,
lda, ltda, sgps, eireli, unipessoal, sociedade anônima, sociedade limitada, limitada,
ab, as, asa, aps, oy, oyj, ehf, hf, sp z oo, sp zoo, spzoo, sro, spol sro, kft, zrt, nyrt
"""

#: Wherever they stand: nothing else is called so.
ANYWHERE = "gmbh, gesmbh, ggmbh, kgaa, sarl, eurl, llc, ltda, lda, bvba, sprl, srl, srls, plc, pty"

#: What joins two names: "Smith & Sons", "Schmidt und Söhne".
JOINING = "and, und, et, en, y, e"

#: At either end.
ARTICLES = "the"
