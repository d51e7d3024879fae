<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" sourcelanguage="en">
    <context>
        <name>Prithvi</name>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <source>prithvi,segmentation,flood,water,burn</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <source>Segmentation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Benchmark</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Times a scene with a model in every way that the engine knows.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Segments a scene several times: streaming with the automatic and with other numbers of tiles at once, with plain torch instead of vLLM, and through vLLM's own IO processor. The outcome is a table with a chart and a JSON file; no mask is kept.

The warm engine is ended first, so that nothing else takes the memory. On a CPU a scene of 1000 x 1000 pixels is large enough.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>prithvi,benchmark,speed,performance,time,gpu,cpu,batch,vllm,terratorch,torch</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Satellite scene</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Timed runs of each way</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>JSON files (*.json)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>HTML files (*.html)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Figures</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Processor that ran the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Tiles a second, streaming</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>{:.2f} s, {:.1f} tiles/s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Download model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Downloads a published Prithvi model from the Hugging Face hub</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Downloads a published Prithvi model (floods, burn scars) from the Hugging Face hub; about 1.3 GB each. Prithvi segment then runs it. A download may be cancelled and goes on where it stopped; the files are checked against the checksums that the hub names. The engine must be installed.

Model: its name in the catalogue, such as flood-300m (docs/models.md lists them with their sources).

Revision: the commit to download, 40 hexadecimal digits; empty for the one that this version pins.

The hub's own settings are used: HF_HOME (where downloads lie), HF_ENDPOINT (a mirror), HF_TOKEN (for models that ask for consent), and QGIS's proxy and certificate authorities where yours say nothing. In offline mode (options) nothing is downloaded.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>prithvi,model,download,hugging face,flood,burn scars,weights,catalogue</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Revision (empty for the pinned one)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Folder of the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Revision</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>{} is ready in {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>{} was there already, in {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_selection.py" />
            <source>{} Continuing on the CPU.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Engine status</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Tells whether the engine is installed and running, and what to do next.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Tells whether the segmentation engine is installed, whether it runs, on which device, and what to do next. It starts nothing.

READY is true when a scene can be segmented. STATE is one of: not installed, stopped, starting, loading, idle, busy, not answering.

RUNS are the runs of Prithvi segment folder that go on now, with what each of their workers does.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>prithvi,engine,status,gpu,memory,ready,vllm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Ready to segment</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>State</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Variant</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Device</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Free GPU memory, MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU memory, MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU memory in use, MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU temperature, degrees Celsius</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU busy, percent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Scene that is being segmented</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Tiles of it that are done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Tiles</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Runs of many scenes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>What to do next</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Run prithvi:segment; it starts the engine.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Run prithvi:segment.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Run prithvi:segment; it waits for its turn.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Evaluate a mask</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Tells how good a mask is: IoU, F1, accuracy, and areas with confidence intervals.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Compares a mask with a reference: another raster, labelled polygons, or sample points. The outcome is the confusion matrix with IoU, F1, precision and recall of each class, accuracy and kappa, and the area of each class with its 95 % confidence interval.

A reference on another grid is brought to the mask's by the nearest pixel. Pixels outside all polygons are left out, unless you say which class they have.

Areas are estimated as Olofsson et al. (2014) advise: random points in each class of the mask give intervals to rely on; a reference that covers the whole mask gives areas without any.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>prithvi,evaluate,accuracy,assessment,validation,confusion matrix,error matrix,iou,f1,kappa,precision,recall,area estimation,confidence interval,olofsson,ground truth,reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Mean IoU of the classes that occur</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Share of the compared samples that are correct</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Reference: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>{}: IoU {:.4f}, F1 {:.4f}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Mask</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>A raster with one band of class values, such as the mask of Prithvi segment.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Reference (raster, polygons or points)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>What is known to be true. It may cover a part of the mask, and have another grid or CRS.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Field with the classes (vector references)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Holds class values, or the names that the mask gives its classes, such as Water.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Class outside all polygons (empty: left out)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>A value or name. Polygons of water alone need it: everything else is then land, say.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Values to ignore</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Values or names, separated by commas, left out wherever they stand in the mask or in the reference.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>JSON with the confusion matrix, all scores, areas with intervals, and where they come from.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>One HTML file with a map of where mask and reference agree.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>hit: both {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>same class</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>false alarm: mask {}, reference {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>miss: mask {}, reference {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>both {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>another class</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluation/class_table.py" />
            <source>unsure</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>not compared</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/class_table.py" />
            <source>class {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} features without a class were left out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} features could not be brought to the mask's CRS and were left out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} points, each one sample</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>pixels in none are left out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>pixels in none are class {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} polygons, a pixel belongs to the one that holds its centre; {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{} points compared.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{} pixels compared.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>en</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{} against {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Mean IoU</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Accuracy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Kappa</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Mean F1</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Its file does not tell.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Where they agree</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Classes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Confusion matrix</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Areas</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>What was compared</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Where the mask comes from</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Class</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Precision (user's accuracy)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Recall (producer's accuracy)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>In the mask</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>In the reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Correct</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Mean</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Of the compared samples. A class on one side only has IoU and F1 of 0; what cannot be computed is – and is not in the means.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Sum</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>mask \ reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Rows: what the mask says. Columns: what the reference says.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{:,.0f} pixels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Bar: area in the mask. Dot: by the reference, with its 95 % interval if there is one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>By the reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>User's accuracy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Producer's accuracy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Overall accuracy by area: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{} x {} pixels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>no data in the mask</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>ignored in the mask</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>no label in the reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>ignored in the reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>no CRS</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>How</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Left out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Made</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/interval_chart.py" />
            <source>not estimated</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/interval_chart.py" />
            <source>Area of each class: bar as mapped, dot as estimated with its 95 % interval</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference knows the class {} only, so it cannot tell where the mask says it in vain.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference is made of areas, not of single points: pixels beside each other are alike, so the real uncertainty is larger than the intervals say. Random points give intervals to rely on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>Fewer than two samples lie in {}: areas and intervals are of the rest of the mask.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>Fewer than {} samples lie in {}: their intervals are rough.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>All samples in {} agree, so their intervals are 0 wide. That is no certainty: take more samples.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>{:.2f} % of the mask is unsure ({}). Unsure pixels count as not correct and lower accuracy and recall; with IGNORE={} they are left out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference covers the whole mask: nothing was sampled, so there is no sampling error, and intervals would mean nothing. Areas are counted. The reference's own mistakes are not in these figures.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference covers {:.1f} % of the mask. That is no sample, so intervals would mean nothing; what it does not cover is taken to be like the rest of the same class.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>Estimated from the samples in each class of the mask, weighted by its area (stratified estimator, Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015), with 95 % confidence intervals. It holds for samples drawn at random within the classes.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/reference_raster.py" />
            <source>neither has a place on earth; compared pixel by pixel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/reference_raster.py" />
            <source>brought to the mask's grid by the nearest pixel{}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/reference_raster.py" />
            <source>on the mask's grid</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Export bundle</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Writes engine, models and plugin into one folder for machines without a network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Writes everything that a machine without a network needs into one folder: the engine's packages, models, the plugin, checksums, and INSTALL.txt with the exact commands. There, Install engine takes the folder as its folder of wheels, and Import model takes a model's model.json.

The packages are downloaded (3 to 4 GB) unless they are in the folder already; what was downloaded is kept when you cancel, and the next run goes on there. Running it again for another variant or another Python adds to the folder.

Variant, Python and architecture are those of the other machine, not of this one.

Models: ids or folders with commas between; empty for all models that are ready in your own folder of models.

Size of parts: for sticks with FAT (4000) or for mail. The parts then lie in the folder parts, with a script that joins them.

Proxy, mirror and certificate settings of uv and of pip are used; where they say nothing, QGIS's. In offline mode (options) nothing is downloaded.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>prithvi,export,bundle,offline,air-gapped,network,wheels,stick,server,copy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>What the other machine runs the models on. Automatic: what suits this machine.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Python of the other machine, such as 3.12; auto: that of the engine here.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>The other machine's processor (uname -m).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Ids or folders with commas between. Empty: all that are ready in your folder of models.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>In millions of bytes. 0: no parts.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>For segmenting folders on several GPUs or machines; 75 MB more.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>A new or empty folder, or a bundle that is completed or added to.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Automatic</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>CUDA (NVIDIA GPU)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>CPU</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Size of parts (MB)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Python</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Architecture</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Also Ray, for several GPUs or machines</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Folder of the bundle</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Files</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Files that were downloaded</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Size (MB)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Folder of the parts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>{} files, {} MB. Carry the folder {} over; INSTALL.txt in it tells what to do there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Engines at once (0: one for each GPU)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Each has a GPU of its own; on the CPU, 0 is one. Several need Ray, an optional part of the engine that is installed when it is first asked for.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Ray cluster (empty: this machine)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Address of a Ray cluster, host:port, to which this machine belongs. Its machines need shared storage. With WORKERS 0 all its GPUs work, with 1 a single one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Folder of scenes, list or STAC items</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A folder; or a text file with a path or URL a line (# begins a comment); or a STAC item collection (.json). The path of a file can be typed or pasted here.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>File names in the folder</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Patterns with * and ?, several between semicolons.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Search folders in the folder, too</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Masks then lie in folders of the same names. Folders with masks of other runs are left out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Folder of masks</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Gets a mask for each scene, results.csv with a record for each, summary.json and overview.html. A run into the same folder goes on where the last one ended.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Also probabilities</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A GeoTIFF for each scene with one band a class, how probable each is.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Also polygons</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A GeoPackage for each scene with the outlines of the classes, their names and areas in square metres.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Mosaic of all masks</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>None</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Virtual raster (VRT)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Virtual raster and cloud-optimised GeoTIFF</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>One layer over all masks, styled alike; one for each CRS where there are several.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Segment again what is done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Otherwise masks that were made of the same files with the same parameters are kept.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Succeed even if scenes fail</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A scene that fails never stops the others. Afterwards the run counts as failed (exit code 1 of qgis_process), unless this is set; the records are the same.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>{}: failed. {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>Waiting for the engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>1 tile</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{} tiles</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <location filename="../../prithvi_qgis/gui/segment_task.py" />
            <source>{}: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>Scene {} of {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{:.1f} tiles/s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{} left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>{} scenes: {} segmented, {} already done, {} failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>, {} left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>Masks of {} scenes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>{} segmented, {} failed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Scene</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Seconds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>Failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{:,.2f} ha</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <source>Looking for scenes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <source>{} {} tells what is wrong with each.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>Model: {} ({})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <source>{} scenes, {} of them done already.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>Writing</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>{}: {} of {} scenes ended, {} of them failed (process {})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>starting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>working</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>has ended</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>was lost</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>GPU memory {} of {} MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>{} scenes ended, {} failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/workers.py" />
            <source>The warm engine was idle and was ended: the workers need its GPU.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Import model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Makes a model for Prithvi segment from a TerraTorch configuration and checkpoint</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Makes a model that you trained in TerraTorch ready for Prithvi segment. Needed are the YAML of the training, as LightningCLI writes it, and its checkpoint.

Bands, means, standard deviations and the size of tiles are read from the YAML. Names and colours of the classes may be given as JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Without them the names of the training are used, or numbers, and colours that colour-blind people can tell apart. A class with "ignore": true has no data in masks. A model that predicts a quantity takes {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}.

Nothing that comes with the files is run: a configuration that names anything but known parts of TerraTorch is refused, and so is a checkpoint that holds more than weights.

From a bundle (Export bundle) take the model's model.json as configuration: configuration and weights lie beside it, their checksums are compared, and they are copied.

At last a tile is segmented by vLLM and by plain TerraTorch. If they disagree, nothing is imported.

The model is then in the folder models of the engine's data folder, under its id: choose it by that id in Prithvi segment. To remove a model, delete its folder.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>prithvi,import,model,checkpoint,terratorch,fine-tuned,weights,own,yaml,ckpt,safetensors</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The YAML of the training, with its model and data sections; or a bundle's model.json.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The weights: .ckpt as Lightning saves it, .pt, .pth or .safetensors. A model.json has them beside it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The model's name in lists and in scripts: letters, digits, points, hyphens and underlines. Empty: the one in model.json.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>A JSON list with value, name and color of each class; of a regression, name and unit of its quantity.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Replaces a model that has this id already.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Classes (JSON)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>TerraTorch configuration</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Configurations (*.yaml *.yml model.json)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Checkpoint</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Checkpoints (*.ckpt *.pt *.pth *.safetensors)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Id of the new model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Replace a model of that id</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The model is in {}. Run it with MODEL={}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Install engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Installs vLLM and TerraTorch for Prithvi in a folder of their own</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Installs the engine that runs the models (vLLM and TerraTorch) into a folder of yours, apart from QGIS's own Python. Needed once, and again when an update of the plugin asks for it. It takes about 7 GB of disk for CPU and 9 GB for CUDA, downloads 3 to 4 GB, and may be cancelled and run again at any time. An engine that is there is checked, and repaired if it does not work.

Variant: automatic takes what the options say (Settings &gt; Options &gt; Prithvi), or looks at the graphics card and its driver and says what it chose and why. CUDA needs an NVIDIA card of compute capability 7.5 or more (Turing, 2018) and driver 580 or newer.

Folder of wheels: for machines without a network. Everything then comes from this folder: that of a bundle (Export bundle), or bare wheels. More in the manual (docs/air-gapped.md).

Ray: an optional part, for segmenting folders on several GPUs or machines. It is installed when it is first asked for, or here in advance (200 MB); it listens on this machine alone unless you set up a cluster.

The folder of the engine is set in the options, or by the environment variable PRITHVI_QGIS_HOME, else it is in your data folder. Proxy, mirror and certificate settings of uv and of pip are used; where they say nothing, QGIS's proxy and certificate authorities. In offline mode (options) nothing but a folder of wheels will do.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>prithvi,install,setup,engine,vllm,terratorch,cuda,gpu,cpu,update,repair</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Folder of wheels (install without a network)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Installed variant</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Folder of the engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Python of the engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Why this variant</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Versions</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>The {} engine is installed in {} ({}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>The {} engine was there already and works, in {} ({}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/layers/result_layer.py" />
            <source>{} - probability of {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/layers/result_layer.py" />
            <source>{} - polygons</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/bar_chart.py" />
            <source>Share of each class</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/bar_chart.py" />
            <source>Colours from {:.4g} to {:.4g} {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Tiles a second</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>{} with {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Way</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Loading, seconds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Medians of warm runs, from the first row read to the closed mask.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>The stock path cuts tiles without overlap, so it has fewer of them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Size</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>{} ({}), licence {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>About the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Citation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Bands</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Scaling</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Resampled</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Date {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>{} on {} ({})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Standard deviation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Minimum</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Maximum</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Pixels with data</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Pixels without data</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>automatic</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>all of the scene</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>the scene's own</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>the model's</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Left: the scene. Right: the mask over the scene in grey, in the colours of the table.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Left: the scene. Right: {}, in the colours of the bar.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>How it was made</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Parameters</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Where it comes from</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>The scene {} beside its mask: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Pixels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Share</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Hectares</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>km2</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Shares are of the pixels with data; {:,} pixels have none.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>coastal aerosol</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>blue</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>green</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red edge 1</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red edge 2</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red edge 3</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>broad NIR</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>narrow NIR</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>SWIR 1</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>SWIR 2</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>{} nm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/scene_layer.py" />
            <source>The layer is only a part of its Sentinel-2 product; the whole product is used.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Prithvi segment</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Segments a satellite scene (water, burns, ...) with a Prithvi-EO model on this machine.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>prithvi,ai,deep learning,machine learning,foundation model,segmentation,semantic,classification,flood,water,burn,burn scar,fire,wildfire,disaster,satellite,remote sensing,sentinel-2,landsat,hls,raster,mask,terratorch,vllm,nasa,ibm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Seconds in the engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Area of each class in square metres, by name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Pixels of each class, by name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Mean, spread and limits of a quantity</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Seconds by stage</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Prithvi segment folder</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Segments every scene of a folder, a list or a STAC item collection, and keeps a record of each.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Segments many scenes with one model. Small scenes share batches, and the next scene is read while the model works on this one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>&lt;b&gt;What you get:&lt;/b&gt; for each scene a mask on its own grid; &lt;i&gt;results.csv&lt;/i&gt; with a row a scene (areas, speed, or what went wrong), &lt;i&gt;summary.json&lt;/i&gt;, and &lt;i&gt;overview.html&lt;/i&gt; with pictures; on demand one mosaic over all masks, which is loaded into the project.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>&lt;b&gt;A scene that cannot be read or does not fit&lt;/b&gt; is recorded, and the others go on. &lt;b&gt;Run it again&lt;/b&gt; after a cancel, a crash or new scenes: what is done with the same parameters is kept.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>&lt;b&gt;Several GPUs or machines:&lt;/b&gt; Engines at once, and Ray cluster. A worker that is lost is replaced, and its scenes are done again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>prithvi,ai,deep learning,segmentation,semantic,classification,flood,water,burn scar,satellite,batch,folder,many,bulk,production,stac,mosaic,time series,server,resume,terratorch,vllm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Records (CSV)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Summary (JSON)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Overview (HTML)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Files of the mosaic</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes segmented by this run</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes that were done already</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes that failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>Finds water, burns or other classes in a satellite scene with a Prithvi-EO model of NASA and IBM. The model runs on this machine, in an engine of its own that stays warm between runs: the first run starts it and takes a minute longer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>&lt;b&gt;What you need:&lt;/b&gt; the engine (run &lt;i&gt;Install engine&lt;/i&gt; once), and a scene with the bands that the model wants, such as Sentinel-2, HLS or Landsat surface reflectance. Bands are found by their descriptions; the table shows which, and you can change them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>&lt;b&gt;What you get:&lt;/b&gt; a mask on exactly the scene's grid with one value a class, styled with the classes' names and colours; on demand probabilities, polygons with areas, and a report.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>&lt;b&gt;Water (demonstration)&lt;/b&gt;, the model that comes with the plugin, tells water from land. It is small and was trained on made scenes: good enough to see how things work, not to rely on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>Cancelling stops within moments and leaves no file.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>A raster with the bands that the model needs, such as Sentinel-2, Landsat or HLS; or a Sentinel-2 product as it is downloaded: the .SAFE folder, its MTD_MSIL1C.xml or MTD_MSIL2A.xml, or the .zip.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>A model's id, such as demo-water, or a folder with a model.json.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Band numbers (empty: find them)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Numbers of the scene's bands in the model's order, counted from 1, such as 2,3,4,9,12,13. Empty finds them by their descriptions.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Part of the scene (empty: all of it)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Only this part is segmented, cut to whole pixels of the scene.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Further dates</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Further dates of the same place, for models that look at several dates. Others refuse them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Dates (empty: find them)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>When scene and further dates were taken, in this order, such as 2023-03-14,2023-05-20,2023-07-01. What is left empty is found in the metadata or the file's name.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sensor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Order of the bands, scaling and nodata of files that do not tell them. Automatic takes what names and tags tell.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Scale</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>reflectance = value x scale + offset. Empty takes it from the scene's tags or from the model.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Offset</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>See Scale. Sentinel-2 products since January 2022 have -0.1; it is found where their tags tell it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Pixel size, metres (empty: the scene's own)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Scene and mask are resampled to it. Take the model's where the scene's is more than twice as far off.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Resampling</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Bilinear</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Nearest</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Cubic</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>For another pixel size, and for further dates that lie on other pixels than the scene.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L1C before baseline 04.00</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L1C from baseline 04.00</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L2A before baseline 04.00</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L2A from baseline 04.00</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Landsat 8/9 Collection 2 Level 2</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Minimum probability (empty: none)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Where the most probable class is less probable, the mask says unsure. 0.6 for every class, or Water=0.7, 0=0.5 by name or value.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Smallest patch (empty: all stay)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Smaller patches go to their largest neighbour. 25 px, 5000 m2 or 0.5 ha.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Classes to ignore</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Names or values, separated by commas. What the model calls so has no data in the mask.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Step between tiles (0: the model's)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>In pixels. Smaller steps overlap more, smoother and slower; the size of a tile means no overlap.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Pipeline</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Streaming</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>vLLM's own IO processor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Streaming works piece by piece. The other is vLLM's own path, without overlap, for comparison.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Automatic takes the GPU when the CUDA engine is installed, else the CPU.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Tiles at once (0: automatic)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>vLLM's max_num_seqs. More is faster on a GPU as long as its memory lasts.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Share of the GPU's memory (0: automatic)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>vLLM's gpu_memory_utilization, from 0 to 1.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Keep the engine warm, minutes (empty: as set)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>The engine ends after so many minutes without work; the next run then starts it again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>GeoTIFF with one value a class, 255 where the scene has no data, on exactly the scene's grid. Of a model that predicts a quantity, its numbers.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Probabilities</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>GeoTIFF with one band a class, how probable each is.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Polygons</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>GeoPackage with the outlines of the classes, their names and areas in square metres.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>HTML page with a picture, the areas, and how the mask was made.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>Engine: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{}, {} in {:.1f} s ({:.1f} tiles/s)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{}: {} pixels, {:.2f} %{}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{} more classes; the mask's attribute table has them all.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>No data: {} pixels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>Seconds: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/run_segment.py" />
            <source>Copying the layer {} to a temporary GeoTIFF for the engine.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/run_segment.py" />
            <source>The mask is complete, but the report could not be made: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>Starting the engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>Opening the scenes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>Loading the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>Segmenting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>Waiting, {} before it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{}: {} of {} tiles</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>no data</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>mean {}, from {} to {} {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{:,.2f} km2</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{:.0f} s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{:.0f} min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/status.py" />
            <source>{:.1f} h</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Stop the engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>Ends the warm engine and frees its memory.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>Ends the segmentation engine that stays warm between runs, and frees its memory on the computer and the GPU. A running segmentation fails, unless the engine is to be left alone while it works. The next segmentation starts the engine again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>prithvi,engine,stop,kill,end,gpu,memory,free,vllm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>Leave it alone while it works</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>No engine runs any more</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>No engine was running.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>The engine has ended.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>The engine works; it was left alone.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Variant: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>The engine is ready</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>The engine is there already: checking it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>The engine that is there does not work, so it is made anew. {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Looking for Python and uv</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Making the environment</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Checking that the engine works (about a minute the first time)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <location filename="../../prithvi_qgis/client/install/optional_packages.py" />
            <source>Fetching uv</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Waiting for the running engine to finish its work</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/optional_packages.py" />
            <source>{} is ready</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/optional_packages.py" />
            <source>Installing {}, an optional part of the engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>Putting the packages in place</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>Looking for packages</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>{} of {} packages in place</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>{:.0f} of about {:.0f} MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>{}; under way: {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/models/download_model.py" />
            <source>{} of {} ({})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Looking…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>State:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Installed:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Runs on:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Graphics card:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Memory:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Folder runs:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Start</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Start it now, so that the next run need not wait.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Stop</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>End it and free its memory.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Open log</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>What the engine wrote, in a text editor.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Install / repair…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Install the engine, or check it and mend it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Copy diagnostics</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Versions, machine, settings and the end of the log, without names, to paste into a report.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Starting the engine…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>The engine is segmenting a scene, which would fail. Stop it all the same?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Stopping the engine…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Gathering…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Copied, without names and with shortened folders. Look it over before you send it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/layer_menu.py" />
            <source>{} is no raster layer and was left out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/layer_menu.py" />
            <source>Prithvi segment...</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/layer_menu.py" />
            <source>Segment with {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_factory.py" />
            <source>Prithvi</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Runs</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Processor:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Automatic: GPU if its engine is installed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>GPU (CUDA)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>For runs whose Device is automatic.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Keep the engine warm:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>min without work</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Then it ends and frees its memory. The next run starts it again, which takes up to a minute.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>End after each run</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Speed and memory</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Tiles at once:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>tiles</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>For runs that leave it open. More is faster on a GPU as long as its memory lasts.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Share of the GPU's memory:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>For runs that leave it open. Leave room for QGIS and other programs that draw.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Memory for pixels:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Beyond what the model itself takes. Large scenes go through it piece by piece.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Files and network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Offline mode: never use the network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Nothing is downloaded; the engine is installed from a folder of wheels only.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>The engine logs:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Only warnings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>What it does</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Everything</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Takes effect when the engine starts the next time.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_layers.py" />
            <source>The result {} was written, but QGIS cannot open it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} layers done.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{}: {}, {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{}: {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} layers segmented, together {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} more failed; see the log messages.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} pixels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} {} ({:.0f} %)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>Open report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/segment_task.py" />
            <source>{} ({} of {})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/segment_task.py" />
            <source>It failed without a reason.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>The environment variable {} decides.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>The data folder {} does not begin at the root. Give the whole path.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>The data folder {} cannot be written. Choose another one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Folder of engine, models and log</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Engine, models and log. An engine in another folder is not moved; it has to be installed again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Data folder:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>File for the figures of folder runs</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Speed, memory and errors of each worker in Prometheus' text format, for a node exporter to pick up.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Figures of folder runs:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>The model that the form and the layer menu start with.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Default model:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/install_task.py" />
            <source>Installing the Prithvi engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/install_task.py" />
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Starting…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Set up the Prithvi engine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Progress of the installation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Run the models on</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Install</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Cancel installation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Change…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Folder:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Network:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Install without a network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>On a machine without a network everything comes from a folder of wheels that was filled on another one; docs/air-gapped.md tells how.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Folder of wheels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Prithvi models run in an engine of their own ({}), which is installed once. It has a folder to itself and leaves QGIS's own Python alone.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>{} ({} free)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Continue in the background</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Close</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Check and repair</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>The {} engine is installed. Checking it takes a minute.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>There is too little room: {} are needed and {} are free. Choose a folder on another disk.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Offline mode is on. Choose a folder of wheels, or turn it off in the options.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>You can go on working meanwhile, and cancel at any time: what was downloaded is kept, and the next try goes on from there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Cancelling…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Cancelled. What was downloaded is kept; the next try goes on from there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>The engine is ready.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>not used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>offline mode is on</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>QGIS's proxy {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>used directly, as QGIS does</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>, with {} certificate authorities of your own</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>The engine was installed for another version of the plugin.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>The engine that runs the models is not installed yet.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>Set up…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>GPU (NVIDIA, CUDA)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Looking at the graphics card…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Downloads up to {} and takes {} of disk.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Found: {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Works on this machine; slower than a good GPU.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>{} of memory</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>driver {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>compute capability {:.1f}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>{:.0f} MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>{:.1f} GB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Stopped. The next run starts it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Installed for another version of the plugin. Install it again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Not installed yet.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Loading a model.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>{} more waiting.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Segmenting with {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Ready. It ends after {:.0f} more idle minutes.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>nothing</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>not running</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Model {} is loaded.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>No model yet.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Segmenting {} scenes, {} of them done.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Segmenting {}: {} of {} tiles.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Not usable</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>None: {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>and {} more</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Engine {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>({} by the engine)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>GPU {} in use, {} free</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>GPU {} °C, {} % busy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Find automatically</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Take the bands by their descriptions again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Choose them in the lists, or stack the missing bands into the scene.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Scaling: {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>chosen once the layer is copied</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Choose a band for: {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Chosen by hand.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>In the order of {}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Found automatically.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Taken in the model's order.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Needed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Wavelength</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Scene's band</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band of the scene for {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band {number} is used more than once: {bands}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band {number} says that it is {found}, and is used for {wanted}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Missing</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Used more than once</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Does not say which band it is</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Says that it is {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Fits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>missing: choose…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Choose a model that can be used to see its bands.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Choose a scene to see its bands.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Reading the scene…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Looking at the scene's values…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Date of {}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>not found, such as 2023-03-14</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Reading the scenes…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Without all dates the scenes go to the model in this order; it should be that of time.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Two scenes are of the same day.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>The scenes go to the model in the order of time.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/dates_wrapper.py" />
            <source>Dates</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Folder…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Choose a folder that holds a model.json and the model's weights.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>(none)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>There is no model yet. Choose the folder of one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Folder of a model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>{title} (to download)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Not on this machine yet. Fetch it with Prithvi EO &gt; Models &gt; Download model in the Toolbox: {id}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>About {size}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>{maps} and {count} more</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Maps: {maps}. Needs: {bands}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Made for pixels of about {metres:g} m.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Looks at {count} dates.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <location filename="../../prithvi_qgis/provider.py" />
            <source>Prithvi EO segmentation (NASA/IBM Prithvi models on this machine)</source>
            <translation type="unfinished" />
        </message>
    </context>
</TS>
