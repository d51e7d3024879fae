<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" sourcelanguage="en" language="es">
    <context>
        <name>Prithvi</name>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <source>prithvi,segmentation,flood,water,burn</source>
            <translation>prithvi,segmentation,flood,water,burn,segmentación,inundación,agua,incendio,quemado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Engine</source>
            <translation>Motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Models</source>
            <translation>Modelos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/base.py" />
            <source>Segmentation</source>
            <translation>Segmentación</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Benchmark</source>
            <translation>Prueba de velocidad</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Times a scene with a model in every way that the engine knows.</source>
            <translation>Mide el tiempo de una escena con un modelo de todas las maneras que conoce el motor.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Segments a scene several times: streaming with the automatic and with other numbers of tiles at once, with plain torch instead of vLLM, and through vLLM's own IO processor. The outcome is a table with a chart and a JSON file; no mask is kept.

The warm engine is ended first, so that nothing else takes the memory. On a CPU a scene of 1000 x 1000 pixels is large enough.</source>
            <translation>Segmenta una escena varias veces: de forma continua con el número automático de teselas a la vez y con otros, con torch sin vLLM y con el procesador de E/S propio de vLLM. El resultado es una tabla con un gráfico y un archivo JSON; no se guarda ninguna máscara.

Antes se cierra el motor que está en espera, para que nada más ocupe la memoria. En una CPU basta una escena de 1000 x 1000 píxeles.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>prithvi,benchmark,speed,performance,time,gpu,cpu,batch,vllm,terratorch,torch</source>
            <translation>prithvi,benchmark,speed,performance,time,gpu,cpu,batch,vllm,terratorch,torch,prueba,velocidad,rendimiento,tiempo,lote</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Satellite scene</source>
            <translation>Escena de satélite</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Model</source>
            <translation>Modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Timed runs of each way</source>
            <translation>Mediciones de cada manera</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>JSON files (*.json)</source>
            <translation>Archivos JSON (*.json)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>HTML files (*.html)</source>
            <translation>Archivos HTML (*.html)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Figures</source>
            <translation>Cifras</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Report</source>
            <translation>Informe</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Processor that ran the model</source>
            <translation>Procesador que ejecutó el modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>Tiles a second, streaming</source>
            <translation>Teselas por segundo, de forma continua</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/benchmark.py" />
            <source>{:.2f} s, {:.1f} tiles/s</source>
            <translation>{:.2f} s, {:.1f} teselas/s</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Download model</source>
            <translation>Descargar modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Downloads a published Prithvi model from the Hugging Face hub</source>
            <translation>Descarga un modelo Prithvi publicado en Hugging Face</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Downloads a published Prithvi model (floods, burn scars) from the Hugging Face hub; about 1.3 GB each. Prithvi segment then runs it. A download may be cancelled and goes on where it stopped; the files are checked against the checksums that the hub names. The engine must be installed.

Model: its name in the catalogue, such as flood-300m (docs/models.md lists them with their sources).

Revision: the commit to download, 40 hexadecimal digits; empty for the one that this version pins.

The hub's own settings are used: HF_HOME (where downloads lie), HF_ENDPOINT (a mirror), HF_TOKEN (for models that ask for consent), and QGIS's proxy and certificate authorities where yours say nothing. In offline mode (options) nothing is downloaded.</source>
            <translation>Descarga un modelo Prithvi publicado (inundaciones, áreas quemadas) en Hugging Face; unos 1,3 GB cada uno. Después Prithvi segment lo ejecuta. Una descarga puede cancelarse y continúa donde se detuvo; los archivos se comprueban con las sumas que indica el servidor. El motor debe estar instalado.

Modelo: su nombre en el catálogo, como flood-300m (docs/models.md los enumera con sus fuentes).

Revisión: el commit que se descarga, 40 dígitos hexadecimales; vacío para el que fija esta versión.

Se usan los ajustes propios de Hugging Face: HF_HOME (dónde quedan las descargas), HF_ENDPOINT (un espejo), HF_TOKEN (para modelos que piden aceptación), y el proxy y las autoridades de certificación de QGIS donde los suyos no dicen nada. En modo sin conexión (opciones) no se descarga nada.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>prithvi,model,download,hugging face,flood,burn scars,weights,catalogue</source>
            <translation>prithvi,model,download,hugging face,flood,burn scars,weights,catalogue,modelo,descargar,inundación,áreas quemadas,pesos,catálogo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Revision (empty for the pinned one)</source>
            <translation>Revisión (vacío: la fijada)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Folder of the model</source>
            <translation>Carpeta del modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>Revision</source>
            <translation>Revisión</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>{} is ready in {}.</source>
            <translation>{} está listo en {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/download_model.py" />
            <source>{} was there already, in {}.</source>
            <translation>{} ya estaba, en {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_selection.py" />
            <source>{} Continuing on the CPU.</source>
            <translation>{} Se continúa en la CPU.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Engine status</source>
            <translation>Estado del motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Tells whether the engine is installed and running, and what to do next.</source>
            <translation>Indica si el motor está instalado y en marcha, y cuál es el siguiente paso.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Tells whether the segmentation engine is installed, whether it runs, on which device, and what to do next. It starts nothing.

READY is true when a scene can be segmented. STATE is one of: not installed, stopped, starting, loading, idle, busy, not answering.

RUNS are the runs of Prithvi segment folder that go on now, with what each of their workers does.</source>
            <translation>Indica si el motor de segmentación está instalado, si está en marcha, en qué dispositivo, y cuál es el siguiente paso. No inicia nada.

READY es verdadero cuando se puede segmentar una escena. STATE es uno de: not installed (no instalado), stopped (parado), starting (iniciándose), loading (cargando), idle (en espera), busy (ocupado), not answering (no responde).

RUNS son las ejecuciones de la segmentación de carpetas que están en curso, con lo que hace cada uno de sus trabajadores.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>prithvi,engine,status,gpu,memory,ready,vllm</source>
            <translation>prithvi,engine,status,gpu,memory,ready,vllm,motor,estado,memoria,listo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Ready to segment</source>
            <translation>Listo para segmentar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Variant</source>
            <translation>Variante</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Device</source>
            <translation>Dispositivo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Free GPU memory, MB</source>
            <translation>Memoria libre de la GPU, MB</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU memory, MB</source>
            <translation>Memoria de la GPU, MB</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU memory in use, MB</source>
            <translation>Memoria de la GPU en uso, MB</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU temperature, degrees Celsius</source>
            <translation>Temperatura de la GPU, grados Celsius</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>GPU busy, percent</source>
            <translation>Ocupación de la GPU, por ciento</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Scene that is being segmented</source>
            <translation>Escena que se está segmentando</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Tiles of it that are done</source>
            <translation>Teselas terminadas de ella</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Tiles</source>
            <translation>Teselas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Runs of many scenes</source>
            <translation>Ejecuciones de muchas escenas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>What to do next</source>
            <translation>Siguiente paso</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Run prithvi:segment; it starts the engine.</source>
            <translation>Ejecute prithvi:segment; este inicia el motor.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Run prithvi:segment.</source>
            <translation>Ejecute prithvi:segment.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/engine_status.py" />
            <source>Run prithvi:segment; it waits for its turn.</source>
            <translation>Ejecute prithvi:segment; esperará su turno.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Evaluate a mask</source>
            <translation>Evaluar una máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Tells how good a mask is: IoU, F1, accuracy, and areas with confidence intervals.</source>
            <translation>Dice cómo de buena es una máscara: IoU, F1, exactitud y áreas con intervalos de confianza.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Compares a mask with a reference: another raster, labelled polygons, or sample points. The outcome is the confusion matrix with IoU, F1, precision and recall of each class, accuracy and kappa, and the area of each class with its 95 % confidence interval.

A reference on another grid is brought to the mask's by the nearest pixel. Pixels outside all polygons are left out, unless you say which class they have.

Areas are estimated as Olofsson et al. (2014) advise: random points in each class of the mask give intervals to rely on; a reference that covers the whole mask gives areas without any.</source>
            <translation>Compara una máscara con una referencia: otro ráster, polígonos etiquetados o puntos de muestreo. El resultado es la matriz de confusión con IoU, F1, precisión y exhaustividad de cada clase, exactitud y kappa, y el área de cada clase con su intervalo de confianza del 95 %.

Una referencia en otra cuadrícula se lleva a la de la máscara por el píxel más cercano. Los píxeles fuera de todos los polígonos quedan fuera, salvo que usted diga qué clase tienen.

Las áreas se estiman como aconsejan Olofsson et al. (2014): puntos al azar en cada clase de la máscara dan intervalos fiables; una referencia que cubre toda la máscara da áreas sin ellos.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>prithvi,evaluate,accuracy,assessment,validation,confusion matrix,error matrix,iou,f1,kappa,precision,recall,area estimation,confidence interval,olofsson,ground truth,reference</source>
            <translation>prithvi,evaluate,accuracy,assessment,validation,confusion matrix,error matrix,iou,f1,kappa,precision,recall,area estimation,confidence interval,olofsson,ground truth,reference,evaluar,exactitud,validación,matriz de confusión,precisión,exhaustividad,estimación de áreas,intervalo de confianza,verdad de terreno,referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Mean IoU of the classes that occur</source>
            <translation>IoU media de las clases que aparecen</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Share of the compared samples that are correct</source>
            <translation>Proporción de las muestras comparadas que son correctas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Reference: {}</source>
            <translation>Referencia: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>{}: IoU {:.4f}, F1 {:.4f}</source>
            <translation>{}: IoU {:.4f}, F1 {:.4f}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Mask</source>
            <translation>Máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>A raster with one band of class values, such as the mask of Prithvi segment.</source>
            <translation>Un ráster con una banda de valores de clase, como la máscara de Segmentar con Prithvi.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Reference (raster, polygons or points)</source>
            <translation>Referencia (ráster, polígonos o puntos)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>What is known to be true. It may cover a part of the mask, and have another grid or CRS.</source>
            <translation>Lo que se sabe cierto. Puede cubrir una parte de la máscara, y tener otra cuadrícula u otro SRC.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Field with the classes (vector references)</source>
            <translation>Campo con las clases (referencias vectoriales)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Holds class values, or the names that the mask gives its classes, such as Water.</source>
            <translation>Contiene valores de clase, o los nombres que la máscara da a sus clases, como Water.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Class outside all polygons (empty: left out)</source>
            <translation>Clase fuera de todos los polígonos (vacío: quedan fuera)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>A value or name. Polygons of water alone need it: everything else is then land, say.</source>
            <translation>Un valor o un nombre. Los polígonos de una sola clase, como agua, lo necesitan: todo lo demás es entonces tierra, por ejemplo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Values to ignore</source>
            <translation>Valores que se ignoran</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>Values or names, separated by commas, left out wherever they stand in the mask or in the reference.</source>
            <translation>Valores o nombres, separados por comas, que quedan fuera dondequiera que estén, en la máscara o en la referencia.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>JSON with the confusion matrix, all scores, areas with intervals, and where they come from.</source>
            <translation>JSON con la matriz de confusión, todas las medidas, las áreas con intervalos y de dónde vienen.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluate.py" />
            <source>One HTML file with a map of where mask and reference agree.</source>
            <translation>Un archivo HTML con un mapa de dónde coinciden máscara y referencia.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>hit: both {}</source>
            <translation>acierto: ambas {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>same class</source>
            <translation>la misma clase</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>false alarm: mask {}, reference {}</source>
            <translation>falsa alarma: máscara {}, referencia {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>miss: mask {}, reference {}</source>
            <translation>omisión: máscara {}, referencia {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>both {}</source>
            <translation>ambas {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>another class</source>
            <translation>otra clase</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <location filename="../../prithvi_qgis/algorithms/evaluation/class_table.py" />
            <source>unsure</source>
            <translation>dudoso</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/agreement_map.py" />
            <source>not compared</source>
            <translation>no comparado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/class_table.py" />
            <source>class {}</source>
            <translation>clase {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>REFERENCE holds {}, which no class has and which is not declared as nodata: taken as no label.</source>
            <translation>REFERENCE contiene {}, que no es ninguna clase y no está declarado como nodata: se toma como sin etiqueta.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} features without a class were left out.</source>
            <translation>{:,} objetos sin clase quedaron fuera.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} features could not be brought to the mask's CRS and were left out.</source>
            <translation>{:,} objetos no se pudieron llevar al SRC de la máscara y quedaron fuera.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} points lie beside the mask and were left out.</source>
            <translation>{:,} puntos quedan fuera de la máscara y no se tuvieron en cuenta.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} points, each one sample</source>
            <translation>{:,} puntos, cada uno una muestra</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} of {:,} polygons hold no pixel's centre, so they count for nothing. Use their middle points as REFERENCE.</source>
            <translation>{:,} de {:,} polígonos no contienen el centro de ningún píxel, por lo que no cuentan. Use sus puntos centrales como REFERENCE.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>pixels in none are left out</source>
            <translation>los píxeles que no están en ninguno quedan fuera</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>pixels in none are class {}</source>
            <translation>los píxeles que no están en ninguno son de la clase {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/evaluate_mask.py" />
            <source>{:,} polygons, a pixel belongs to the one that holds its centre; {}</source>
            <translation>{:,} polígonos, un píxel es del que contiene su centro; {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{} points compared.</source>
            <translation>{} puntos comparados.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{} pixels compared.</source>
            <translation>{} píxeles comparados.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>en</source>
            <translation>es</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{} against {}</source>
            <translation>{} frente a {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Mean IoU</source>
            <translation>IoU media</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Accuracy</source>
            <translation>Exactitud</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Kappa</source>
            <translation>Kappa</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Mean F1</source>
            <translation>F1 media</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Its file does not tell.</source>
            <translation>Su archivo no lo dice.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Where they agree</source>
            <translation>Dónde coinciden</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Classes</source>
            <translation>Clases</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Confusion matrix</source>
            <translation>Matriz de confusión</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Areas</source>
            <translation>Superficies</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>What was compared</source>
            <translation>Qué se comparó</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Where the mask comes from</source>
            <translation>De dónde viene la máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Class</source>
            <translation>Clase</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Precision (user's accuracy)</source>
            <translation>Precisión (exactitud del usuario)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Recall (producer's accuracy)</source>
            <translation>Exhaustividad (exactitud del productor)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>In the mask</source>
            <translation>En la máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>In the reference</source>
            <translation>En la referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Correct</source>
            <translation>Correctos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Mean</source>
            <translation>Media</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Of the compared samples. A class on one side only has IoU and F1 of 0; what cannot be computed is – and is not in the means.</source>
            <translation>De las muestras comparadas. Una clase que está en un solo lado tiene IoU y F1 de 0; lo que no se puede calcular es – y no entra en las medias.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Sum</source>
            <translation>Suma</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>mask \ reference</source>
            <translation>máscara \ referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Rows: what the mask says. Columns: what the reference says.</source>
            <translation>Filas: lo que dice la máscara. Columnas: lo que dice la referencia.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>{:,.0f} pixels</source>
            <translation>{:,.0f} píxeles</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Bar: area in the mask. Dot: by the reference, with its 95 % interval if there is one.</source>
            <translation>Barra: área en la máscara. Punto: según la referencia, con su intervalo del 95 % si lo hay.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>By the reference</source>
            <translation>Según la referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>User's accuracy</source>
            <translation>Exactitud del usuario</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Producer's accuracy</source>
            <translation>Exactitud del productor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Overall accuracy by area: {}</source>
            <translation>Exactitud global por área: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{} x {} pixels</source>
            <translation>{} x {} píxeles</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>no data in the mask</source>
            <translation>sin datos en la máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>ignored in the mask</source>
            <translation>ignorados en la máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>no label in the reference</source>
            <translation>sin etiqueta en la referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>ignored in the reference</source>
            <translation>ignorados en la referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>points beside the mask</source>
            <translation>puntos fuera de la máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>polygons without a pixel's centre</source>
            <translation>polígonos sin el centro de un píxel</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>no CRS</source>
            <translation>sin SRC</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Reference</source>
            <translation>Referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>How</source>
            <translation>Cómo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <source>Left out</source>
            <translation>Fuera</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/html_page.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Made</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/interval_chart.py" />
            <source>not estimated</source>
            <translation>no estimada</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/interval_chart.py" />
            <source>Area of each class: bar as mapped, dot as estimated with its 95 % interval</source>
            <translation>Área de cada clase: barra según la máscara, punto según la estimación con su intervalo del 95 %</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>{:,} points lie in another class of the mask than the one that they were drawn in: this is not the mask of the sample. The areas of this mask are used in place of the design's.</source>
            <translation>{:,} puntos quedan en otra clase de la máscara que aquella en la que se extrajeron: esta no es la máscara de la muestra. Se usan las áreas de esta máscara en lugar de las del diseño.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>{:,} of the {:,} points drawn are compared. The estimates are right only if the others are missing at random.</source>
            <translation>Se comparan {:,} de los {:,} puntos extraídos. Las estimaciones solo son correctas si los demás faltan al azar.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference knows the class {} only, so it cannot tell where the mask says it in vain.</source>
            <translation>La referencia solo conoce la clase {}, así que no puede decir dónde la máscara la da de más.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference is made of areas, not of single points: pixels beside each other are alike, so the real uncertainty is larger than the intervals say. Random points give intervals to rely on.</source>
            <translation>La referencia está hecha de áreas, no de puntos sueltos: los píxeles vecinos se parecen, así que la incertidumbre real es mayor de lo que dicen los intervalos. Puntos al azar dan intervalos fiables.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>Fewer than two samples lie in {}: areas and intervals are of the rest of the mask.</source>
            <translation>Hay menos de dos muestras en {}: áreas e intervalos son del resto de la máscara.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>Fewer than {} samples lie in {}: their intervals are rough.</source>
            <translation>Hay menos de {} muestras en {}: sus intervalos son aproximados.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>All samples in {} agree, so their intervals are 0 wide. That is no certainty: take more samples.</source>
            <translation>Todas las muestras en {} coinciden, así que sus intervalos miden 0. Eso no es certeza: tome más muestras.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>{:.2f} % of the mask is unsure ({}). Unsure pixels count as not correct and lower accuracy and recall; with IGNORE={} they are left out.</source>
            <translation>El {:.2f} % de la máscara es dudoso ({}). Los píxeles dudosos cuentan como no correctos y bajan la exactitud y la exhaustividad; con IGNORE={} quedan fuera.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference covers the whole mask: nothing was sampled, so there is no sampling error, and intervals would mean nothing. Areas are counted. The reference's own mistakes are not in these figures.</source>
            <translation>La referencia cubre toda la máscara: nada se muestreó, así que no hay error de muestreo y los intervalos no significarían nada. Las áreas están contadas. Los errores de la propia referencia no están en estas cifras.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>The reference covers {:.1f} % of the mask. That is no sample, so intervals would mean nothing; what it does not cover is taken to be like the rest of the same class.</source>
            <translation>La referencia cubre el {:.1f} % de la máscara. Eso no es una muestra, así que los intervalos no significarían nada; lo que no cubre se toma como el resto de la misma clase.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/metrics.py" />
            <source>Estimated from the samples in each class of the mask, weighted by its area (stratified estimator, Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015), with 95 % confidence intervals. It holds for samples drawn at random within the classes.</source>
            <translation>Estimado a partir de las muestras de cada clase de la máscara, ponderadas por su área (estimador estratificado, Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015), con intervalos de confianza del 95 %. Vale para muestras tomadas al azar dentro de las clases.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/reference_raster.py" />
            <source>neither has a place on earth; compared pixel by pixel</source>
            <translation>ninguna tiene lugar en la tierra; comparadas píxel a píxel</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/reference_raster.py" />
            <source>brought to the mask's grid by the nearest pixel{}</source>
            <translation>llevada a la cuadrícula de la máscara por el píxel más cercano{}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/evaluation/reference_raster.py" />
            <source>on the mask's grid</source>
            <translation>en la cuadrícula de la máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Export bundle</source>
            <translation>Exportar paquete sin conexión</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Writes engine, models and plugin into one folder for machines without a network</source>
            <translation>Escribe motor, modelos y complemento en una sola carpeta para equipos sin red</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Writes everything that a machine without a network needs into one folder: the engine's packages, models, the plugin, checksums, and INSTALL.txt with the exact commands. There, Install engine takes the folder as its folder of wheels, and Import model takes a model's model.json.

The packages are downloaded (3 to 4 GB) unless they are in the folder already; what was downloaded is kept when you cancel, and the next run goes on there. Running it again for another variant or another Python adds to the folder.

Variant, Python and architecture are those of the other machine, not of this one.

Models: ids or folders with commas between; empty for all models that are ready in your own folder of models.

Size of parts: for sticks with FAT (4000) or for mail. The parts then lie in the folder parts, with a script that joins them.

Proxy, mirror and certificate settings of uv and of pip are used; where they say nothing, QGIS's. In offline mode (options) nothing is downloaded.</source>
            <translation>Escribe en una sola carpeta todo lo que necesita un equipo sin red: los paquetes del motor, modelos, el complemento, sumas de comprobación e INSTALL.txt con las órdenes exactas. Allí, la instalación del motor toma esa carpeta como su carpeta de wheels, y la importación de modelos toma el model.json de un modelo.

Los paquetes se descargan (de 3 a 4 GB), salvo los que ya están en la carpeta; lo descargado se conserva si cancela, y la siguiente ejecución sigue donde quedó. Si se ejecuta otra vez para otra variante u otro Python, la carpeta se amplía.

La variante, el Python y la arquitectura son los del otro equipo, no los de este.

Modelos: identificadores o carpetas separados por comas; vacío para todos los que están listos en su carpeta de modelos.

Tamaño de las partes: para memorias USB con FAT (4000) o para el correo. Las partes quedan en la carpeta parts, con un script que las une.

Se usan las configuraciones de proxy, réplica y certificados de uv y de pip; si no dicen nada, las de QGIS. En el modo sin conexión (opciones) no se descarga nada.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>prithvi,export,bundle,offline,air-gapped,network,wheels,stick,server,copy</source>
            <translation>prithvi,export,bundle,offline,air-gapped,network,wheels,stick,server,copy,exportar,paquete,sin conexión,red,aislado,memoria USB,servidor,copiar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>What the other machine runs the models on. Automatic: what suits this machine.</source>
            <translation>Con qué ejecuta los modelos el otro equipo. Automático: lo que conviene a este equipo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Python of the other machine, such as 3.12; auto: that of the engine here.</source>
            <translation>Python del otro equipo, por ejemplo 3.12; auto: el del motor de este equipo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>The other machine's processor (uname -m).</source>
            <translation>Procesador del otro equipo (uname -m).</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Ids or folders with commas between. Empty: all that are ready in your folder of models.</source>
            <translation>Identificadores o carpetas separados por comas. Vacío: todos los que están listos en su carpeta de modelos.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>In millions of bytes. 0: no parts.</source>
            <translation>En millones de bytes. 0: sin partes.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>For segmenting folders on several GPUs or machines; 75 MB more.</source>
            <translation>Para segmentar carpetas en varias GPU o varios equipos; 75 MB más.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>A new or empty folder, or a bundle that is completed or added to.</source>
            <translation>Una carpeta nueva o vacía, o un paquete que se completa o se amplía.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Automatic</source>
            <translation>Automático</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>CUDA (NVIDIA GPU)</source>
            <translation>CUDA (GPU de NVIDIA)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>CPU</source>
            <translation>CPU</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Size of parts (MB)</source>
            <translation>Tamaño de las partes (MB)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Python</source>
            <translation>Python</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Architecture</source>
            <translation>Arquitectura</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Also Ray, for several GPUs or machines</source>
            <translation>También Ray, para varias GPU o varios equipos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Folder of the bundle</source>
            <translation>Carpeta del paquete</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Files</source>
            <translation>Archivos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Files that were downloaded</source>
            <translation>Archivos descargados</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Size (MB)</source>
            <translation>Tamaño (MB)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>Folder of the parts</source>
            <translation>Carpeta de las partes</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/export_bundle.py" />
            <source>{} files, {} MB. Carry the folder {} over; INSTALL.txt in it tells what to do there.</source>
            <translation>{} archivos, {} MB. Lleve la carpeta {} al otro equipo; INSTALL.txt, dentro de ella, explica qué hacer allí.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Engines at once (0: one for each GPU)</source>
            <translation>Motores a la vez (0: uno por cada GPU)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Each has a GPU of its own; on the CPU, 0 is one. Several need Ray, an optional part of the engine that is installed when it is first asked for.</source>
            <translation>Cada uno tiene su propia GPU; en la CPU, 0 es uno. Varios necesitan Ray, una parte opcional del motor que se instala la primera vez que se pide.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Ray cluster (empty: this machine)</source>
            <translation>Clúster de Ray (vacío: este equipo)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Address of a Ray cluster, host:port, to which this machine belongs. Its machines need shared storage. With WORKERS 0 all its GPUs work, with 1 a single one.</source>
            <translation>Dirección de un clúster de Ray, equipo:puerto, al que pertenece este equipo. Sus equipos necesitan almacenamiento compartido. Con WORKERS 0 trabajan todas sus GPU, con 1 una sola.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Folder of scenes, list or STAC items</source>
            <translation>Carpeta de escenas, lista o elementos STAC</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A folder; or a text file with a path or URL a line (# begins a comment); or a STAC item collection (.json). The path of a file can be typed or pasted here.</source>
            <translation>Una carpeta; o un archivo de texto con una ruta o URL por línea (# comienza un comentario); o una colección de elementos STAC (.json). La ruta de un archivo se puede escribir o pegar aquí.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>File names in the folder</source>
            <translation>Nombres de archivo en la carpeta</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Patterns with * and ?, several between semicolons.</source>
            <translation>Patrones con * y ?, varios separados por punto y coma.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Search folders in the folder, too</source>
            <translation>Buscar también en las subcarpetas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Masks then lie in folders of the same names. Folders with masks of other runs are left out.</source>
            <translation>Las máscaras quedan entonces en carpetas de los mismos nombres. Las carpetas con máscaras de otras ejecuciones se omiten.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Folder of masks</source>
            <translation>Carpeta de máscaras</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Gets a mask for each scene, results.csv with a record for each, summary.json and overview.html. A run into the same folder goes on where the last one ended.</source>
            <translation>Recibe una máscara por escena, results.csv con un registro de cada una, summary.json y overview.html. Una ejecución en la misma carpeta continúa donde terminó la anterior.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Also probabilities</source>
            <translation>También probabilidades</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A GeoTIFF for each scene with one band a class, how probable each is.</source>
            <translation>Un GeoTIFF por escena con una banda por clase: cuán probable es cada una.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Also polygons</source>
            <translation>También polígonos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A GeoPackage for each scene with the outlines of the classes, their names and areas in square metres.</source>
            <translation>Un GeoPackage por escena con los contornos de las clases, sus nombres y áreas en metros cuadrados.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Mosaic of all masks</source>
            <translation>Mosaico de todas las máscaras</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>None</source>
            <translation>Ninguno</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Virtual raster (VRT)</source>
            <translation>Ráster virtual (VRT)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Virtual raster and cloud-optimised GeoTIFF</source>
            <translation>Ráster virtual y GeoTIFF optimizado para la nube</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>One layer over all masks, styled alike; one for each CRS where there are several.</source>
            <translation>Una capa sobre todas las máscaras, con el mismo estilo; una por SRC si hay varios.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Segment again what is done</source>
            <translation>Segmentar de nuevo lo que ya está hecho</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Otherwise masks that were made of the same files with the same parameters are kept.</source>
            <translation>Si no, se conservan las máscaras hechas de los mismos archivos con los mismos parámetros.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>Succeed even if scenes fail</source>
            <translation>Terminar bien aunque fallen escenas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/parameters.py" />
            <source>A scene that fails never stops the others. Afterwards the run counts as failed (exit code 1 of qgis_process), unless this is set; the records are the same.</source>
            <translation>Una escena que falla nunca detiene a las demás. Después la ejecución cuenta como fallida (código de salida 1 de qgis_process), salvo que se marque esto; los registros son los mismos.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>{}: failed. {}</source>
            <translation>{}: falló. {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>Waiting for the engine</source>
            <translation>Esperando al motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>1 tile</source>
            <translation>1 tesela</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{} tiles</source>
            <translation>{} teselas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <location filename="../../prithvi_qgis/gui/segment_task.py" />
            <source>{}: {}</source>
            <translation>{}: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>Scene {} of {}</source>
            <translation>Escena {} de {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{:.1f} tiles/s</source>
            <translation>{:.1f} teselas/s</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{} left</source>
            <translation>quedan {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>{} scenes: {} segmented, {} already done, {} failed</source>
            <translation>{} escenas: {} segmentadas, {} ya hechas, {} fallidas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>, {} left</source>
            <translation>, {} pendientes</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>Masks of {} scenes</source>
            <translation>Máscaras de {} escenas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>{} segmented, {} failed.</source>
            <translation>{} segmentadas, {} fallidas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Scene</source>
            <translation>Escena</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Seconds</source>
            <translation>Segundos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <source>Failed</source>
            <translation>Falló</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/reporter.py" />
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{:,.2f} ha</source>
            <translation>{:,.2f} ha</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <source>Looking for scenes</source>
            <translation>Buscando escenas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <source>{} {} tells what is wrong with each.</source>
            <translation>{} {} dice qué pasa con cada una.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>Model: {} ({})</source>
            <translation>Modelo: {} ({})</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <source>{} scenes, {} of them done already.</source>
            <translation>{} escenas, {} de ellas ya hechas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/run_folder.py" />
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>Writing</source>
            <translation>Escribiendo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>{}: {} of {} scenes ended, {} of them failed (process {})</source>
            <translation>{}: {} de {} escenas terminadas, {} de ellas fallidas (proceso {})</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>starting</source>
            <translation>iniciándose</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>working</source>
            <translation>trabajando</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>has ended</source>
            <translation>ha terminado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>was lost</source>
            <translation>se perdió</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>GPU memory {} of {} MB</source>
            <translation>memoria de la GPU: {} de {} MB</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/status.py" />
            <source>{} scenes ended, {} failed</source>
            <translation>{} escenas terminadas, {} fallidas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/folder_runs/workers.py" />
            <source>The warm engine was idle and was ended: the workers need its GPU.</source>
            <translation>El motor en marcha estaba en espera y se ha cerrado: los trabajadores necesitan su GPU.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Import model</source>
            <translation>Importar modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Makes a model for Prithvi segment from a TerraTorch configuration and checkpoint</source>
            <translation>Crea un modelo para la segmentación de Prithvi a partir de una configuración y un punto de control de TerraTorch</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Makes a model that you trained in TerraTorch ready for Prithvi segment. Needed are the YAML of the training, as LightningCLI writes it, and its checkpoint.

Bands, means, standard deviations and the size of tiles are read from the YAML. Names and colours of the classes may be given as JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Without them the names of the training are used, or numbers, and colours that colour-blind people can tell apart. A class with "ignore": true has no data in masks. A model that predicts a quantity takes {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}.

Nothing that comes with the files is run: a configuration that names anything but known parts of TerraTorch is refused, and so is a checkpoint that holds more than weights.

From a bundle (Export bundle) take the model's model.json as configuration: configuration and weights lie beside it, their checksums are compared, and they are copied.

At last a tile is segmented by vLLM and by plain TerraTorch. If they disagree, nothing is imported.

The model is then in the folder models of the engine's data folder, under its id: choose it by that id in Prithvi segment. To remove a model, delete its folder.</source>
            <translation>Prepara para la segmentación de Prithvi un modelo que usted entrenó en TerraTorch. Hacen falta el YAML del entrenamiento, tal como lo escribe LightningCLI, y su punto de control (checkpoint).

Las bandas, las medias, las desviaciones típicas y el tamaño de las teselas se leen del YAML. Los nombres y colores de las clases se pueden dar como JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Sin ellos se usan los nombres del entrenamiento, o números, y colores que las personas daltónicas distinguen. Una clase con "ignore": true no tiene datos en las máscaras. Un modelo que predice una magnitud lleva {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}.

No se ejecuta nada de lo que viene con los archivos: se rechaza una configuración que nombre algo que no sea una parte conocida de TerraTorch, y también un punto de control que contenga algo más que pesos.

De un paquete (exportar paquete sin conexión), dé como configuración el model.json del modelo: la configuración y los pesos están a su lado, se comparan sus sumas de comprobación y se copian.

Por último, vLLM y TerraTorch solo segmentan una misma tesela. Si no coinciden, no se importa nada.

El modelo queda en la carpeta models de la carpeta de datos del motor, con su identificador: elíjalo por ese identificador en la segmentación. Para quitar un modelo, borre su carpeta.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>prithvi,import,model,checkpoint,terratorch,fine-tuned,weights,own,yaml,ckpt,safetensors</source>
            <translation>prithvi,import,importar,model,modelo,checkpoint,punto de control,terratorch,fine-tuned,ajuste fino,weights,pesos,own,propio,yaml,ckpt,safetensors</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The YAML of the training, with its model and data sections; or a bundle's model.json.</source>
            <translation>El YAML del entrenamiento, con sus secciones model y data; o el model.json de un paquete.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The weights: .ckpt as Lightning saves it, .pt, .pth or .safetensors. A model.json has them beside it.</source>
            <translation>Los pesos: .ckpt tal como lo guarda Lightning, .pt, .pth o .safetensors. Un model.json los tiene a su lado.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The model's name in lists and in scripts: letters, digits, points, hyphens and underlines. Empty: the one in model.json.</source>
            <translation>El nombre del modelo en listas y scripts: letras, cifras, puntos, guiones y guiones bajos. Vacío: el que está en model.json.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>A JSON list with value, name and color of each class; of a regression, name and unit of its quantity.</source>
            <translation>Una lista JSON con value, name y color de cada clase; de una regresión, name y unit de su magnitud.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Replaces a model that has this id already.</source>
            <translation>Sustituye a un modelo que ya tenga este identificador.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Classes (JSON)</source>
            <translation>Clases (JSON)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>TerraTorch configuration</source>
            <translation>Configuración de TerraTorch</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Configurations (*.yaml *.yml model.json)</source>
            <translation>Configuraciones (*.yaml *.yml model.json)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Checkpoint</source>
            <translation>Punto de control</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Checkpoints (*.ckpt *.pt *.pth *.safetensors)</source>
            <translation>Puntos de control (*.ckpt *.pt *.pth *.safetensors)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Id of the new model</source>
            <translation>Identificador del modelo nuevo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>Replace a model of that id</source>
            <translation>Sustituir a un modelo con ese identificador</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/import_model.py" />
            <source>The model is in {}. Run it with MODEL={}.</source>
            <translation>El modelo está en {}. Ejecútelo con MODEL={}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Install engine</source>
            <translation>Instalar el motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Installs vLLM and TerraTorch for Prithvi in a folder of their own</source>
            <translation>Instala vLLM y TerraTorch para Prithvi en una carpeta propia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Installs the engine that runs the models (vLLM and TerraTorch) into a folder of yours, apart from QGIS's own Python. Needed once, and again when an update of the plugin asks for it. It takes about 7 GB of disk for CPU and 9 GB for CUDA, downloads 3 to 4 GB, and may be cancelled and run again at any time. An engine that is there is checked, and repaired if it does not work.

Variant: automatic takes what the options say (Settings &gt; Options &gt; Prithvi), or looks at the graphics card and its driver and says what it chose and why. CUDA needs an NVIDIA card of compute capability 7.5 or more (Turing, 2018) and driver 580 or newer.

Folder of wheels: for machines without a network. Everything then comes from this folder: that of a bundle (Export bundle), or bare wheels. More in the manual (docs/air-gapped.md).

Ray: an optional part, for segmenting folders on several GPUs or machines. It is installed when it is first asked for, or here in advance (200 MB); it listens on this machine alone unless you set up a cluster.

The folder of the engine is set in the options, or by the environment variable PRITHVI_QGIS_HOME, else it is in your data folder. Proxy, mirror and certificate settings of uv and of pip are used; where they say nothing, QGIS's proxy and certificate authorities. In offline mode (options) nothing but a folder of wheels will do.</source>
            <translation>Instala el motor que ejecuta los modelos (vLLM y TerraTorch) en una carpeta suya, aparte del Python de QGIS. Se necesita una vez, y de nuevo cuando una actualización del complemento lo pida. Ocupa unos 7 GB de disco para CPU y 9 GB para CUDA, descarga de 3 a 4 GB, y puede cancelarse y volver a ejecutarse en cualquier momento. Un motor que ya está instalado se comprueba, y se repara si no funciona.

Variante: la automática toma lo que dicen las opciones (Configuración &gt; Opciones &gt; Prithvi), o examina la tarjeta gráfica y su controlador e indica qué eligió y por qué. CUDA necesita una tarjeta NVIDIA con capacidad de cómputo 7.5 o superior (Turing, 2018) y el controlador 580 o posterior.

Carpeta de wheels: para equipos sin red. En ese caso todo sale de esta carpeta: la de un paquete (exportar paquete sin conexión), o una con los wheels solos. El manual dice más (docs/air-gapped.md).

Ray: una parte opcional, para segmentar carpetas en varias GPU o varios equipos. Se instala la primera vez que se pide, o aquí de antemano (200 MB); solo escucha en este equipo, salvo que usted monte un clúster.

La carpeta del motor se fija en las opciones o con la variable de entorno PRITHVI_QGIS_HOME; si no, está en su carpeta de datos. Se usan las configuraciones de proxy, réplica y certificados de uv y de pip; si no dicen nada, el proxy y las autoridades de certificación de QGIS. En el modo sin conexión (opciones) solo sirve una carpeta de wheels.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>prithvi,install,setup,engine,vllm,terratorch,cuda,gpu,cpu,update,repair</source>
            <translation>prithvi,install,setup,engine,vllm,terratorch,cuda,gpu,cpu,update,repair,instalar,motor,actualizar,reparar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Folder of wheels (install without a network)</source>
            <translation>Carpeta de wheels (instalar sin red)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Installed variant</source>
            <translation>Variante instalada</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Folder of the engine</source>
            <translation>Carpeta del motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Python of the engine</source>
            <translation>Python del motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Why this variant</source>
            <translation>Por qué esta variante</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>Versions</source>
            <translation>Versiones</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>The {} engine is installed in {} ({}).</source>
            <translation>El motor {} está instalado en {} ({}).</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/install_engine.py" />
            <source>The {} engine was there already and works, in {} ({}).</source>
            <translation>El motor {} ya estaba instalado y funciona, en {} ({}).</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/layers/result_layer.py" />
            <source>{} - probability of {}</source>
            <translation>{} - probabilidad de {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/layers/result_layer.py" />
            <source>{} - polygons</source>
            <translation>{} - polígonos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/bar_chart.py" />
            <source>Share of each class</source>
            <translation>Proporción de cada clase</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/bar_chart.py" />
            <source>Colours from {:.4g} to {:.4g} {}</source>
            <translation>Colores de {:.4g} a {:.4g} {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Tiles a second</source>
            <translation>Teselas por segundo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>{} with {}</source>
            <translation>{} con {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Way</source>
            <translation>Manera</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Loading, seconds</source>
            <translation>Carga, segundos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>Medians of warm runs, from the first row read to the closed mask.</source>
            <translation>Medianas con el motor en marcha, desde la primera fila leída hasta la máscara cerrada.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/benchmark_report.py" />
            <source>The stock path cuts tiles without overlap, so it has fewer of them.</source>
            <translation>El procesador de vLLM corta teselas sin solape, por eso son menos.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Size</source>
            <translation>Tamaño</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>{} ({}), licence {}</source>
            <translation>{} ({}), licencia {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>About the model</source>
            <translation>Sobre el modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Citation</source>
            <translation>Cita</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Bands</source>
            <translation>Bandas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Scaling</source>
            <translation>Escalado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Resampled</source>
            <translation>Remuestreado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Date {}</source>
            <translation>Fecha {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>{} on {} ({})</source>
            <translation>{} en {} ({})</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Standard deviation</source>
            <translation>Desviación típica</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Minimum</source>
            <translation>Mínimo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Maximum</source>
            <translation>Máximo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Pixels with data</source>
            <translation>Píxeles con datos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>Pixels without data</source>
            <translation>Píxeles sin datos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>automatic</source>
            <translation>automático</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>all of the scene</source>
            <translation>toda la escena</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>the scene's own</source>
            <translation>el de la escena</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/facts.py" />
            <source>the model's</source>
            <translation>el del modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Left: the scene. Right: the mask over the scene in grey, in the colours of the table.</source>
            <translation>Izquierda: la escena. Derecha: la máscara sobre la escena en gris, con los colores de la tabla.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Left: the scene. Right: {}, in the colours of the bar.</source>
            <translation>Izquierda: la escena. Derecha: {}, en los colores de la barra.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>How it was made</source>
            <translation>Cómo se hizo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Parameters</source>
            <translation>Parámetros</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Where it comes from</source>
            <translation>Procedencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>The scene {} beside its mask: {}</source>
            <translation>La escena {} junto a su máscara: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Pixels</source>
            <translation>Píxeles</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Share</source>
            <translation>Proporción</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Hectares</source>
            <translation>Hectáreas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>km2</source>
            <translation>km2</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/reports/html_report.py" />
            <source>Shares are of the pixels with data; {:,} pixels have none.</source>
            <translation>Las proporciones se refieren a los píxeles con datos; {:,} píxeles no los tienen.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>Starting the engine</source>
            <translation>Iniciando el motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>Opening the scenes</source>
            <translation>Abriendo las escenas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>Loading the model</source>
            <translation>Cargando el modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>Segmenting</source>
            <translation>Segmentando</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>Waiting, {} before it</source>
            <translation>En espera, {} por delante</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{}: {} of {} tiles</source>
            <translation>{}: {} de {} teselas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>no data</source>
            <translation>sin datos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>mean {}, from {} to {} {}</source>
            <translation>media {}, de {} a {} {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{:,.2f} km2</source>
            <translation>{:,.2f} km2</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{:.0f} s</source>
            <translation>{:.0f} s</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{:.0f} min</source>
            <translation>{:.0f} min</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/run_status.py" />
            <source>{:.1f} h</source>
            <translation>{:.1f} h</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Draw sample points</source>
            <translation>Extraer puntos de muestreo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Draws random points in each class of a mask, to be labelled and given to Evaluate a mask.</source>
            <translation>Extrae puntos aleatorios en cada clase de una máscara, para etiquetarlos y usarlos en Evaluar una máscara.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Draws a stratified random sample: within each class of the mask, every pixel has the same chance. Label the points on images without looking at the mask, in the field label, which offers the mask's classes. Then give the layer to Evaluate a mask as reference, with the field label.

Each point carries its class, and that class's pixels, area and number of points, so that accuracies and areas are weighted by the design. Label all points, and delete none.

Proportional allocation is best for the overall accuracy, equal allocation for the user's accuracy of each class. Olofsson et al. (2014) advise 50 points for rare classes and the rest in proportion to area.</source>
            <translation>Extrae una muestra aleatoria estratificada: dentro de cada clase de la máscara, todos los píxeles tienen la misma probabilidad. Etiquete los puntos sobre imágenes, sin mirar la máscara, en el campo label, que ofrece las clases de la máscara. Después use la capa como referencia en Evaluar una máscara, con el campo label.

Cada punto lleva su clase y los píxeles, el área y el número de puntos de esa clase, de modo que las exactitudes y las áreas se ponderan según el diseño. Etiquete todos los puntos y no borre ninguno.

La asignación proporcional es la mejor para la exactitud global, y la asignación igual, para la exactitud del usuario de cada clase. Olofsson et al. (2014) recomiendan 50 puntos para las clases raras y el resto en proporción al área.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>sample,random points,stratified,accuracy,assessment,validation,area estimation,olofsson,reference</source>
            <translation>muestra,puntos aleatorios,estratificado,exactitud,evaluación,validación,estimación de áreas,olofsson,referencia</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>{}: {:,} points in {:,} pixels</source>
            <translation>{}: {:,} puntos en {:,} píxeles</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>SEED {} draws the same points again.</source>
            <translation>SEED {} vuelve a extraer los mismos puntos.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>{:,} points were drawn in place of {:,}: there are no more pixels, or none far enough apart.</source>
            <translation>Se extrajeron {:,} puntos en lugar de {:,}: no hay más píxeles, o ninguno lo bastante alejado.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Number of points</source>
            <translation>Número de puntos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Of all classes together.</source>
            <translation>De todas las clases en conjunto.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Points per class</source>
            <translation>Puntos por clase</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>In proportion to its area</source>
            <translation>En proporción a su área</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>The same for all</source>
            <translation>Los mismos para todas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>50 for rare classes, the rest in proportion (Olofsson et al. 2014)</source>
            <translation>50 para las clases raras, el resto en proporción (Olofsson et al. 2014)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Each class gets two at least, since fewer have no variance.</source>
            <translation>Cada clase recibe al menos dos, pues menos no tienen varianza.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Minimum distance between points (m)</source>
            <translation>Distancia mínima entre puntos (m)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Metres on the ground, or pixels for a mask without georeference.</source>
            <translation>Metros sobre el terreno, o píxeles en una máscara sin georreferencia.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Area of interest</source>
            <translation>Área de interés</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Polygons; points lie within, and areas refer to it.</source>
            <translation>Polígonos; los puntos quedan dentro y las áreas se refieren a ellos.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Seed</source>
            <translation>Semilla</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>The same number draws the same points again. Empty: other points each time.</source>
            <translation>El mismo número vuelve a extraer los mismos puntos. Vacío: otros puntos cada vez.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Sample points</source>
            <translation>Puntos de muestreo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/sample_points.py" />
            <source>Points with an empty field label, the class of the mask, and the design of the sample.</source>
            <translation>Puntos con un campo label vacío, la clase de la máscara y el diseño de la muestra.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>coastal aerosol</source>
            <translation>aerosol costero</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>blue</source>
            <translation>azul</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>green</source>
            <translation>verde</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red</source>
            <translation>rojo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red edge 1</source>
            <translation>borde rojo 1</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red edge 2</source>
            <translation>borde rojo 2</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>red edge 3</source>
            <translation>borde rojo 3</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>broad NIR</source>
            <translation>NIR ancho</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>narrow NIR</source>
            <translation>NIR estrecho</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>SWIR 1</source>
            <translation>SWIR 1</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>SWIR 2</source>
            <translation>SWIR 2</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/band_names.py" />
            <source>{} nm</source>
            <translation>{} nm</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/scene_layer.py" />
            <source>{} has no CRS in QGIS; that of its file is used.</source>
            <translation>{} no tiene SRC en QGIS; se usa el de su archivo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/scene_layer.py" />
            <source>{}: its nodata settings differ by band, and are not used for the whole product.</source>
            <translation>{}: sus ajustes de nodata difieren entre bandas y no se usan para el producto entero.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/scenes/scene_layer.py" />
            <source>The layer is only a part of its Sentinel-2 product; the whole product is used.</source>
            <translation>La capa es solo una parte de su producto Sentinel-2; se usa el producto entero.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Prithvi segment</source>
            <translation>Segmentar con Prithvi</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Segments a satellite scene (water, burns, ...) with a Prithvi-EO model on this machine.</source>
            <translation>Segmenta una escena de satélite (agua, áreas quemadas, ...) con un modelo Prithvi-EO en este equipo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>prithvi,ai,deep learning,machine learning,foundation model,segmentation,semantic,classification,flood,water,burn,burn scar,fire,wildfire,disaster,satellite,remote sensing,sentinel-2,landsat,hls,raster,mask,terratorch,vllm,nasa,ibm</source>
            <translation>prithvi,ai,deep learning,machine learning,foundation model,segmentation,semantic,classification,flood,water,burn,burn scar,fire,wildfire,disaster,satellite,remote sensing,sentinel-2,landsat,hls,raster,mask,terratorch,vllm,nasa,ibm,ia,inteligencia artificial,aprendizaje profundo,aprendizaje automático,modelo fundacional,segmentación,segmentar,clasificación,inundación,agua,quemado,área quemada,fuego,incendio,desastre,satélite,teledetección,ráster,máscara</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Seconds in the engine</source>
            <translation>Segundos en el motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Area of each class in square metres, by name</source>
            <translation>Superficie de cada clase en metros cuadrados, por nombre</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Pixels of each class, by name</source>
            <translation>Píxeles de cada clase, por nombre</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Mean, spread and limits of a quantity</source>
            <translation>Media, dispersión y límites de una magnitud</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment.py" />
            <source>Seconds by stage</source>
            <translation>Segundos por etapa</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Prithvi segment folder</source>
            <translation>Prithvi: segmentar carpeta</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Segments every scene of a folder, a list or a STAC item collection, and keeps a record of each.</source>
            <translation>Segmenta cada escena de una carpeta, una lista o una colección de elementos STAC, y guarda un registro de cada una.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Segments many scenes with one model. Small scenes share batches, and the next scene is read while the model works on this one.</source>
            <translation>Segmenta muchas escenas con un modelo. Las escenas pequeñas comparten lotes, y la siguiente escena se lee mientras el modelo trabaja en la actual.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>&lt;b&gt;What you get:&lt;/b&gt; for each scene a mask on its own grid; &lt;i&gt;results.csv&lt;/i&gt; with a row a scene (areas, speed, or what went wrong), &lt;i&gt;summary.json&lt;/i&gt;, and &lt;i&gt;overview.html&lt;/i&gt; with pictures; on demand one mosaic over all masks, which is loaded into the project.</source>
            <translation>&lt;b&gt;Qué se obtiene:&lt;/b&gt; por cada escena una máscara en su propia cuadrícula; &lt;i&gt;results.csv&lt;/i&gt; con una fila por escena (áreas, velocidad o qué salió mal), &lt;i&gt;summary.json&lt;/i&gt; y &lt;i&gt;overview.html&lt;/i&gt; con imágenes; a petición, un mosaico sobre todas las máscaras, que se carga en el proyecto.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>&lt;b&gt;A scene that cannot be read or does not fit&lt;/b&gt; is recorded, and the others go on. &lt;b&gt;Run it again&lt;/b&gt; after a cancel, a crash or new scenes: what is done with the same parameters is kept.</source>
            <translation>&lt;b&gt;Una escena que no se puede leer o no encaja&lt;/b&gt; queda registrada, y las demás siguen. &lt;b&gt;Ejecútelo de nuevo&lt;/b&gt; tras una cancelación, un fallo o escenas nuevas: lo hecho con los mismos parámetros se conserva.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>&lt;b&gt;Several GPUs or machines:&lt;/b&gt; Engines at once, and Ray cluster. A worker that is lost is replaced, and its scenes are done again.</source>
            <translation>&lt;b&gt;Varias GPU o varios equipos:&lt;/b&gt; Motores a la vez y Clúster de Ray. Un trabajador que se pierde se sustituye, y sus escenas se hacen de nuevo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>prithvi,ai,deep learning,segmentation,semantic,classification,flood,water,burn scar,satellite,batch,folder,many,bulk,production,stac,mosaic,time series,server,resume,terratorch,vllm</source>
            <translation>prithvi,ai,deep learning,segmentation,semantic,classification,flood,water,burn scar,satellite,batch,folder,many,bulk,production,stac,mosaic,time series,server,resume,terratorch,vllm,ia,aprendizaje profundo,segmentación,semántica,clasificación,inundación,agua,área quemada,satélite,lote,carpeta,muchas,masivo,producción,mosaico,serie temporal,servidor,reanudar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Records (CSV)</source>
            <translation>Registros (CSV)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Summary (JSON)</source>
            <translation>Resumen (JSON)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Overview (HTML)</source>
            <translation>Vista general (HTML)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Files of the mosaic</source>
            <translation>Archivos del mosaico</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes</source>
            <translation>Escenas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes segmented by this run</source>
            <translation>Escenas segmentadas en esta ejecución</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes that were done already</source>
            <translation>Escenas que ya estaban hechas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segment_folder.py" />
            <source>Scenes that failed</source>
            <translation>Escenas que fallaron</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>Finds water, burns or other classes in a satellite scene with a Prithvi-EO model of NASA and IBM. The model runs on this machine, in an engine of its own that stays warm between runs: the first run starts it and takes a minute longer.</source>
            <translation>Encuentra agua, áreas quemadas u otras clases en una escena de satélite con un modelo Prithvi-EO de NASA e IBM. El modelo se ejecuta en este equipo, en un motor propio que sigue activo entre ejecuciones: la primera lo inicia y tarda un minuto más.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>&lt;b&gt;What you need:&lt;/b&gt; the engine (run &lt;i&gt;Install engine&lt;/i&gt; once), and a scene with the bands that the model wants, such as Sentinel-2, HLS or Landsat surface reflectance. Bands are found by their descriptions; the table shows which, and you can change them.</source>
            <translation>&lt;b&gt;Qué necesita:&lt;/b&gt; el motor (ejecute &lt;i&gt;Instalar el motor&lt;/i&gt; una vez) y una escena con las bandas que pide el modelo, por ejemplo reflectancia de superficie de Sentinel-2, HLS o Landsat. Las bandas se encuentran por sus descripciones; la tabla muestra cuáles son, y puede cambiarlas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>&lt;b&gt;What you get:&lt;/b&gt; a mask on exactly the scene's grid with one value a class, styled with the classes' names and colours; on demand probabilities, polygons with areas, and a report.</source>
            <translation>&lt;b&gt;Qué obtiene:&lt;/b&gt; una máscara exactamente en la cuadrícula de la escena, con un valor por clase y un estilo con los nombres y colores de las clases; si lo pide, también probabilidades, polígonos con superficies y un informe.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>&lt;b&gt;Water (demonstration)&lt;/b&gt;, the model that comes with the plugin, tells water from land. It is small and was trained on made scenes: good enough to see how things work, not to rely on.</source>
            <translation>&lt;b&gt;Water (demonstration)&lt;/b&gt;, el modelo que viene con el complemento, distingue el agua de la tierra. Es pequeño y se entrenó con escenas artificiales: sirve para ver cómo funciona todo, no para confiar en él.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/help.py" />
            <source>Cancelling stops within moments and leaves no file.</source>
            <translation>Al cancelar, se detiene en unos instantes y no queda ningún archivo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>A raster with the bands that the model needs, such as Sentinel-2, Landsat or HLS; or a Sentinel-2 product as it is downloaded: the .SAFE folder, its MTD_MSIL1C.xml or MTD_MSIL2A.xml, or the .zip.</source>
            <translation>Un ráster con las bandas que necesita el modelo, como Sentinel-2, Landsat o HLS; o un producto Sentinel-2 tal como se descarga: la carpeta .SAFE, su MTD_MSIL1C.xml o MTD_MSIL2A.xml, o el .zip.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>A model's id, such as demo-water, or a folder with a model.json.</source>
            <translation>El identificador de un modelo, como demo-water, o una carpeta con un model.json.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Band numbers (empty: find them)</source>
            <translation>Números de banda (vacío: encontrarlos)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Numbers of the scene's bands in the model's order, counted from 1, such as 2,3,4,9,12,13. Empty finds them by their descriptions.</source>
            <translation>Números de las bandas de la escena en el orden del modelo, contados desde 1, como 2,3,4,9,12,13. Si se deja vacío, se encuentran por sus descripciones.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Part of the scene (empty: all of it)</source>
            <translation>Parte de la escena (vacío: toda)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Only this part is segmented, cut to whole pixels of the scene.</source>
            <translation>Solo se segmenta esta parte, recortada a píxeles enteros de la escena.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Further dates</source>
            <translation>Otras fechas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Further dates of the same place, for models that look at several dates. Others refuse them.</source>
            <translation>Otras fechas del mismo lugar, para modelos que usan varias fechas. Los demás las rechazan.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Dates (empty: find them)</source>
            <translation>Fechas (vacío: encontrarlas)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>When scene and further dates were taken, in this order, such as 2023-03-14,2023-05-20,2023-07-01. What is left empty is found in the metadata or the file's name.</source>
            <translation>Cuándo se tomaron la escena y las demás fechas, en este orden, por ejemplo 2023-03-14,2023-05-20,2023-07-01. Lo que quede vacío se busca en los metadatos o en el nombre del archivo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sensor</source>
            <translation>Sensor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Order of the bands, scaling and nodata of files that do not tell them. Automatic takes what names and tags tell.</source>
            <translation>Orden de las bandas, escala y sin datos de los archivos que no los indican. Automático toma lo que dicen los nombres y las etiquetas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Scale</source>
            <translation>Escala</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>reflectance = value x scale + offset. Empty takes it from the scene's tags or from the model.</source>
            <translation>reflectancia = valor x escala + desplazamiento. Si se deja vacío, se toma de los metadatos de la escena o del modelo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Offset</source>
            <translation>Desplazamiento</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>See Scale. Sentinel-2 products since January 2022 have -0.1; it is found where their tags tell it.</source>
            <translation>Véase Escala. Los productos Sentinel-2 desde enero de 2022 tienen -0.1; se encuentra cuando sus metadatos lo indican.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Pixel size, metres (empty: the scene's own)</source>
            <translation>Tamaño de píxel, metros (vacío: el de la escena)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Scene and mask are resampled to it. Take the model's where the scene's is more than twice as far off.</source>
            <translation>La escena y la máscara se remuestrean a él. Tome el del modelo si el de la escena difiere en más del doble.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Resampling</source>
            <translation>Remuestreo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Bilinear</source>
            <translation>Bilineal</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Nearest</source>
            <translation>Vecino más próximo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Cubic</source>
            <translation>Cúbico</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>For another pixel size, and for further dates that lie on other pixels than the scene.</source>
            <translation>Para otro tamaño de píxel, y para otras fechas cuyos píxeles no coinciden con los de la escena.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L1C before baseline 04.00</source>
            <translation>Sentinel-2 L1C anterior a la línea base 04.00</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L1C from baseline 04.00</source>
            <translation>Sentinel-2 L1C desde la línea base 04.00</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L2A before baseline 04.00</source>
            <translation>Sentinel-2 L2A anterior a la línea base 04.00</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Sentinel-2 L2A from baseline 04.00</source>
            <translation>Sentinel-2 L2A desde la línea base 04.00</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Landsat 8/9 Collection 2 Level 2</source>
            <translation>Landsat 8/9 Colección 2 Nivel 2</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Minimum probability (empty: none)</source>
            <translation>Probabilidad mínima (vacío: ninguna)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Where the most probable class is less probable, the mask says unsure. 0.6 for every class, or Water=0.7, 0=0.5 by name or value.</source>
            <translation>Donde la clase más probable lo es menos, la máscara indica «unsure» (dudoso). 0.6 para todas las clases, o Water=0.7, 0=0.5 por nombre o valor.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Smallest patch (empty: all stay)</source>
            <translation>Mancha mínima (vacío: se quedan todas)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Smaller patches go to their largest neighbour. 25 px, 5000 m2 or 0.5 ha.</source>
            <translation>Las manchas menores pasan a su vecina más grande. 25 px, 5000 m2 o 0.5 ha.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Classes to ignore</source>
            <translation>Clases que se ignoran</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Names or values, separated by commas. What the model calls so has no data in the mask.</source>
            <translation>Nombres o valores, separados por comas. Lo que el modelo llama así no tiene datos en la máscara.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Step between tiles (0: the model's)</source>
            <translation>Paso entre teselas (0: el del modelo)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>In pixels. Smaller steps overlap more, smoother and slower; the size of a tile means no overlap.</source>
            <translation>En píxeles. Con pasos menores hay más solape: resultado más suave y más lento; el tamaño de una tesela significa sin solape.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Pipeline</source>
            <translation>Procesamiento</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Streaming</source>
            <translation>Flujo por partes</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>vLLM's own IO processor</source>
            <translation>Procesador de E/S propio de vLLM</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Streaming works piece by piece. The other is vLLM's own path, without overlap, for comparison.</source>
            <translation>El flujo trabaja por partes. El otro es el camino propio de vLLM, sin solape, para comparar.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Automatic takes the GPU when the CUDA engine is installed, else the CPU.</source>
            <translation>Automático usa la GPU cuando está instalado el motor CUDA; si no, la CPU.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Tiles at once (0: automatic)</source>
            <translation>Teselas a la vez (0: automático)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>vLLM's max_num_seqs. More is faster on a GPU as long as its memory lasts.</source>
            <translation>El max_num_seqs de vLLM. En una GPU, más es más rápido mientras alcance su memoria.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Share of the GPU's memory (0: automatic)</source>
            <translation>Proporción de la memoria de la GPU (0: automático)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>vLLM's gpu_memory_utilization, from 0 to 1.</source>
            <translation>El gpu_memory_utilization de vLLM, de 0 a 1.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Keep the engine warm, minutes (empty: as set)</source>
            <translation>Mantener activo el motor, minutos (vacío: según las opciones)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>The engine ends after so many minutes without work; the next run then starts it again.</source>
            <translation>El motor termina tras tantos minutos sin trabajo; la siguiente ejecución lo inicia de nuevo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>GeoTIFF with one value a class, 255 where the scene has no data, on exactly the scene's grid. Of a model that predicts a quantity, its numbers.</source>
            <translation>GeoTIFF con un valor por clase, 255 donde la escena no tiene datos, exactamente en la cuadrícula de la escena. De un modelo que predice una magnitud, sus números.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Probabilities</source>
            <translation>Probabilidades</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>GeoTIFF with one band a class, how probable each is.</source>
            <translation>GeoTIFF con una banda por clase, con la probabilidad de cada una.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>Polygons</source>
            <translation>Polígonos</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>GeoPackage with the outlines of the classes, their names and areas in square metres.</source>
            <translation>GeoPackage con los contornos de las clases, sus nombres y superficies en metros cuadrados.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/parameters.py" />
            <source>HTML page with a picture, the areas, and how the mask was made.</source>
            <translation>Página HTML con una imagen, las superficies y cómo se hizo la máscara.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/read_parameters.py" />
            <source>{} was read as xmin,xmax,ymin,ymax; as xmin,ymin,xmax,ymax it would lie within the scene.</source>
            <translation>{} se ha leído como xmin,xmax,ymin,ymax; como xmin,ymin,xmax,ymax estaría dentro de la escena.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>Engine: {}</source>
            <translation>Motor: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{}, {} in {:.1f} s ({:.1f} tiles/s)</source>
            <translation>{}, {} en {:.1f} s ({:.1f} teselas/s)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{}: {} pixels, {:.2f} %{}</source>
            <translation>{}: {} píxeles, {:.2f} %{}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>{} more classes; the mask's attribute table has them all.</source>
            <translation>{} clases más; la tabla de atributos de la máscara las tiene todas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>No data: {} pixels</source>
            <translation>Sin datos: {} píxeles</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/reporter.py" />
            <source>Seconds: {}</source>
            <translation>Segundos: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/run_segment.py" />
            <source>Copying the layer {} to a temporary GeoTIFF for the engine.</source>
            <translation>Copiando la capa {} a un GeoTIFF temporal para el motor.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/segmentation/run_segment.py" />
            <source>The mask is complete, but the report could not be made: {}</source>
            <translation>La máscara está completa, pero no se pudo hacer el informe: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Stop the engine</source>
            <translation>Parar el motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>Ends the warm engine and frees its memory.</source>
            <translation>Termina el motor activo y libera su memoria.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>Ends the segmentation engine that stays warm between runs, and frees its memory on the computer and the GPU. A running segmentation fails, unless the engine is to be left alone while it works. The next segmentation starts the engine again.</source>
            <translation>Termina el motor de segmentación que sigue activo entre ejecuciones y libera su memoria en el equipo y en la GPU. Una segmentación en curso falla, salvo que se elija no tocar el motor mientras trabaja. La siguiente segmentación inicia el motor de nuevo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>prithvi,engine,stop,kill,end,gpu,memory,free,vllm</source>
            <translation>prithvi,engine,stop,kill,end,gpu,memory,free,vllm,motor,parar,detener,terminar,memoria,liberar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>Leave it alone while it works</source>
            <translation>No tocarlo mientras trabaja</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>No engine runs any more</source>
            <translation>Ya no hay ningún motor en marcha</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>No engine was running.</source>
            <translation>No había ningún motor en marcha.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>The engine has ended.</source>
            <translation>El motor ha terminado.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/algorithms/stop_engine.py" />
            <source>The engine works; it was left alone.</source>
            <translation>El motor está trabajando; no se ha tocado.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/base_installer.py" />
            <source>Fetching uv</source>
            <translation>Obteniendo uv</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/base_installer.py" />
            <source>Fetching Python {}</source>
            <translation>Obteniendo Python {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Variant: {}</source>
            <translation>Variante: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>The engine is ready</source>
            <translation>El motor está listo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>The engine is there already: checking it</source>
            <translation>El motor ya está instalado: se comprueba</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>The engine that is there does not work, so it is made anew. {}</source>
            <translation>El motor instalado no funciona, así que se crea de nuevo. {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Looking for Python and uv</source>
            <translation>Buscando Python y uv</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Making the environment</source>
            <translation>Creando el entorno</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Checking that the engine works (about a minute the first time)</source>
            <translation>Comprobando que el motor funciona (cerca de un minuto la primera vez)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/engine_installer.py" />
            <source>Waiting for the running engine to finish its work</source>
            <translation>Esperando a que el motor en marcha termine su trabajo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/optional_packages.py" />
            <source>{} is ready</source>
            <translation>{} está listo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/optional_packages.py" />
            <source>Installing {}, an optional part of the engine</source>
            <translation>Instalando {}, una parte opcional del motor</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>Putting the packages in place</source>
            <translation>Colocando los paquetes</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>Looking for packages</source>
            <translation>Buscando paquetes</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>{} of {} packages in place</source>
            <translation>{} de {} paquetes en su lugar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>{:.0f} of about {:.0f} MB</source>
            <translation>{:.0f} de unos {:.0f} MB</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/install/progress.py" />
            <source>{}; under way: {}</source>
            <translation>{}; en curso: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/client/models/download_model.py" />
            <source>{} of {} ({})</source>
            <translation>{} de {} ({})</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Looking…</source>
            <translation>Consultando…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>State:</source>
            <translation>Estado:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Installed:</source>
            <translation>Instalado:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Runs on:</source>
            <translation>Se ejecuta en:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Graphics card:</source>
            <translation>Tarjeta gráfica:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Memory:</source>
            <translation>Memoria:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Folder runs:</source>
            <translation>Procesos de carpetas:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Start</source>
            <translation>Iniciar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Start it now, so that the next run need not wait.</source>
            <translation>Iniciarlo ahora, para que la siguiente ejecución no tenga que esperar.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Stop</source>
            <translation>Parar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>End it and free its memory.</source>
            <translation>Terminarlo y liberar su memoria.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Open log</source>
            <translation>Abrir registro</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>What the engine wrote, in a text editor.</source>
            <translation>Lo que escribió el motor, en un editor de texto.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Install / repair…</source>
            <translation>Instalar / reparar…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Install the engine, or check it and mend it.</source>
            <translation>Instalar el motor, o comprobarlo y repararlo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Copy diagnostics</source>
            <translation>Copiar diagnóstico</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Versions, machine, settings and the end of the log, without names, to paste into a report.</source>
            <translation>Versiones, equipo, configuración y el final del registro, sin nombres de personas, para pegar en un aviso de error.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Starting the engine…</source>
            <translation>Iniciando el motor…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>The engine is segmenting a scene, which would fail. Stop it all the same?</source>
            <translation>El motor está segmentando una escena, que fallaría. ¿Pararlo de todos modos?</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Stopping the engine…</source>
            <translation>Parando el motor…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Gathering…</source>
            <translation>Reuniendo datos…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/engine_panel.py" />
            <source>Copied, without names and with shortened folders. Look it over before you send it.</source>
            <translation>Copiado, sin nombres de personas y con las carpetas abreviadas. Revíselo antes de enviarlo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/layer_menu.py" />
            <source>{} is no raster layer and was left out.</source>
            <translation>{} no es una capa ráster y se ha omitido.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/layer_menu.py" />
            <source>Prithvi segment...</source>
            <translation>Segmentar con Prithvi...</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/layer_menu.py" />
            <source>Segment with {}</source>
            <translation>Segmentar con {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_factory.py" />
            <source>Prithvi</source>
            <translation>Prithvi</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Runs</source>
            <translation>Ejecuciones</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Processor:</source>
            <translation>Procesador:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Automatic: GPU if its engine is installed</source>
            <translation>Automático: GPU si su motor está instalado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>GPU (CUDA)</source>
            <translation>GPU (CUDA)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>For runs whose Device is automatic.</source>
            <translation>Para ejecuciones cuyo dispositivo es automático.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Keep the engine warm:</source>
            <translation>Mantener activo el motor:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>min without work</source>
            <translation>min sin trabajo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Then it ends and frees its memory. The next run starts it again, which takes up to a minute.</source>
            <translation>Después termina y libera su memoria. La siguiente ejecución lo inicia de nuevo, lo que tarda hasta un minuto.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>End after each run</source>
            <translation>Terminar tras cada ejecución</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Speed and memory</source>
            <translation>Velocidad y memoria</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Tiles at once:</source>
            <translation>Teselas a la vez:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>tiles</source>
            <translation>teselas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>For runs that leave it open. More is faster on a GPU as long as its memory lasts.</source>
            <translation>Para ejecuciones que no lo indican. En una GPU, más es más rápido mientras alcance su memoria.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Share of the GPU's memory:</source>
            <translation>Proporción de la memoria de la GPU:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>For runs that leave it open. Leave room for QGIS and other programs that draw.</source>
            <translation>Para ejecuciones que no lo indican. Deje espacio para QGIS y otros programas que dibujan.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Memory for pixels:</source>
            <translation>Memoria para píxeles:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Beyond what the model itself takes. Large scenes go through it piece by piece.</source>
            <translation>Además de lo que ocupa el propio modelo. Las escenas grandes pasan por ella por partes.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Files and network</source>
            <translation>Archivos y red</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Offline mode: never use the network</source>
            <translation>Modo sin conexión: no usar nunca la red</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Nothing is downloaded; the engine is installed from a folder of wheels only.</source>
            <translation>No se descarga nada; el motor se instala solo desde una carpeta de wheels.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Fetch a Python for the engine where none fits</source>
            <translation>Obtener un Python para el motor si ninguno sirve</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>uv downloads it into the data folder (35 MB). Never in offline mode.</source>
            <translation>uv lo descarga en la carpeta de datos (35 MB). Nunca en modo sin conexión.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>The engine logs:</source>
            <translation>El motor registra:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Only warnings</source>
            <translation>Solo advertencias</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>What it does</source>
            <translation>Lo que hace</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Everything</source>
            <translation>Todo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/options_page.py" />
            <source>Takes effect when the engine starts the next time.</source>
            <translation>Surte efecto la próxima vez que se inicie el motor.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_layers.py" />
            <source>The result {} was written, but QGIS cannot open it.</source>
            <translation>El resultado {} se escribió, pero QGIS no puede abrirlo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} layers done.</source>
            <translation>{} capas hechas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{}: {}, {}.</source>
            <translation>{}: {}, {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{}: {}.</source>
            <translation>{}: {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} layers segmented, together {}.</source>
            <translation>{} capas segmentadas, en total {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} more failed; see the log messages.</source>
            <translation>{} más fallaron; vea los mensajes de registro.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} pixels</source>
            <translation>{} píxeles</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>{} {} ({:.0f} %)</source>
            <translation>{} {} ({:.0f} %)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/result_message.py" />
            <source>Open report</source>
            <translation>Abrir informe</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/segment_task.py" />
            <source>{} ({} of {})</source>
            <translation>{} ({} de {})</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/segment_task.py" />
            <source>It failed without a reason.</source>
            <translation>Falló sin indicar el motivo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>The environment variable {} decides.</source>
            <translation>Lo decide la variable de entorno {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>The data folder {} does not begin at the root. Give the whole path.</source>
            <translation>La carpeta de datos {} no empieza en la raíz. Indique la ruta completa.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>The data folder {} cannot be written. Choose another one.</source>
            <translation>No se puede escribir en la carpeta de datos {}. Elija otra.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Folder of engine, models and log</source>
            <translation>Carpeta del motor, los modelos y el registro</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Engine, models and log. An engine in another folder is not moved; it has to be installed again.</source>
            <translation>Motor, modelos y registro. Un motor en otra carpeta no se mueve; hay que instalarlo de nuevo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Data folder:</source>
            <translation>Carpeta de datos:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>File for the figures of folder runs</source>
            <translation>Archivo para las cifras de las carpetas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Speed, memory and errors of each worker in Prometheus' text format, for a node exporter to pick up.</source>
            <translation>Velocidad, memoria y errores de cada trabajador en el formato de texto de Prometheus, para que los recoja un node exporter.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Figures of folder runs:</source>
            <translation>Cifras de las carpetas:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>The model that the form and the layer menu start with.</source>
            <translation>El modelo con el que empiezan el formulario y el menú de capas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setting_fields.py" />
            <source>Default model:</source>
            <translation>Modelo predeterminado:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/install_task.py" />
            <source>Installing the Prithvi engine</source>
            <translation>Instalando el motor de Prithvi</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/install_task.py" />
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Starting…</source>
            <translation>Iniciando…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Set up the Prithvi engine</source>
            <translation>Preparar el motor de Prithvi</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Progress of the installation</source>
            <translation>Progreso de la instalación</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Run the models on</source>
            <translation>Ejecutar los modelos en</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Install</source>
            <translation>Instalar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Cancel installation</source>
            <translation>Cancelar la instalación</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Change…</source>
            <translation>Cambiar…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Folder:</source>
            <translation>Carpeta:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Network:</source>
            <translation>Red:</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Have uv fetch Python {} for the engine ({})</source>
            <translation>Que uv obtenga Python {} para el motor ({})</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Install without a network</source>
            <translation>Instalar sin red</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>On a machine without a network everything comes from a folder of wheels that was filled on another one; docs/air-gapped.md tells how.</source>
            <translation>En un equipo sin red, todo sale de una carpeta de wheels llenada en otro equipo; docs/air-gapped.md explica cómo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Folder of wheels</source>
            <translation>Carpeta de wheels</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Prithvi models run in an engine of their own ({}), which is installed once. It has a folder to itself and leaves QGIS's own Python alone.</source>
            <translation>Los modelos Prithvi se ejecutan en un motor propio ({}), que se instala una vez. Tiene su propia carpeta y no toca el Python de QGIS.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>{} ({} free)</source>
            <translation>{} ({} libres)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Continue in the background</source>
            <translation>Continuar en segundo plano</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Check and repair</source>
            <translation>Comprobar y reparar</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>The {} engine is installed. Checking it takes a minute.</source>
            <translation>El motor {} está instalado. Comprobarlo tarda un minuto.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>There is too little room: {} are needed and {} are free. Choose a folder on another disk.</source>
            <translation>No hay espacio suficiente: se necesitan {} y hay {} libres. Elija una carpeta en otro disco.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Offline mode is on. Choose a folder of wheels, or turn it off in the options.</source>
            <translation>El modo sin conexión está activado. Elija una carpeta de wheels o desactívelo en las opciones.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>You can go on working meanwhile, and cancel at any time: what was downloaded is kept, and the next try goes on from there.</source>
            <translation>Puede seguir trabajando mientras tanto y cancelar en cualquier momento: lo descargado se conserva, y el siguiente intento continúa desde ahí.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Cancelling…</source>
            <translation>Cancelando…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>Cancelled. What was downloaded is kept; the next try goes on from there.</source>
            <translation>Cancelado. Lo descargado se conserva; el siguiente intento continúa desde ahí.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>The engine is ready.</source>
            <translation>El motor está listo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>not used</source>
            <translation>no se usa</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>offline mode is on</source>
            <translation>el modo sin conexión está activado</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>QGIS's proxy {}</source>
            <translation>el proxy de QGIS {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>used directly, as QGIS does</source>
            <translation>se usa directamente, como QGIS</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_dialog.py" />
            <source>, with {} certificate authorities of your own</source>
            <translation>, con {} autoridades de certificación propias</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>The engine was installed for another version of the plugin.</source>
            <translation>El motor se instaló para otra versión del complemento.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>The engine that runs the models is not installed yet.</source>
            <translation>El motor que ejecuta los modelos aún no está instalado.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/setup_offer.py" />
            <source>Set up…</source>
            <translation>Preparar…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>GPU (NVIDIA, CUDA)</source>
            <translation>GPU (NVIDIA, CUDA)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Looking at the graphics card…</source>
            <translation>Examinando la tarjeta gráfica…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Downloads up to {} and takes {} of disk.</source>
            <translation>Descarga hasta {} y ocupa {} de disco.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Found: {}.</source>
            <translation>Detectada: {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>Works on this machine; slower than a good GPU.</source>
            <translation>Funciona en este equipo; más lento que una buena GPU.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>{} of memory</source>
            <translation>{} de memoria</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>driver {}</source>
            <translation>controlador {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>compute capability {:.1f}</source>
            <translation>capacidad de cómputo {:.1f}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>{:.0f} MB</source>
            <translation>{:.0f} MB</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/setup/variant_choice.py" />
            <source>{:.1f} GB</source>
            <translation>{:.1f} GB</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Stopped. The next run starts it.</source>
            <translation>Parado. La siguiente ejecución lo inicia.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Installed for another version of the plugin. Install it again.</source>
            <translation>Instalado para otra versión del complemento. Instálelo de nuevo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Not installed yet.</source>
            <translation>Aún no instalado.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Loading a model.</source>
            <translation>Cargando un modelo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>{} more waiting.</source>
            <translation>{} más en espera.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Segmenting with {}.</source>
            <translation>Segmentando con {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Ready. It ends after {:.0f} more idle minutes.</source>
            <translation>Listo. Termina tras {:.0f} minutos más sin trabajo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>nothing</source>
            <translation>nada</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>not running</source>
            <translation>no está en marcha</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Model {} is loaded.</source>
            <translation>El modelo {} está cargado.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>No model yet.</source>
            <translation>Aún sin modelo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Segmenting {} scenes, {} of them done.</source>
            <translation>Segmentando {} escenas, {} de ellas hechas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Segmenting {}: {} of {} tiles.</source>
            <translation>Segmentando {}: {} de {} teselas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Not usable</source>
            <translation>No utilizable</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>None: {}.</source>
            <translation>Ninguna: {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>and {} more</source>
            <translation>y {} más</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>Engine {}</source>
            <translation>Motor: {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>({} by the engine)</source>
            <translation>({} por el motor)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>GPU {} in use, {} free</source>
            <translation>GPU: {} en uso, {} libres</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/status_text.py" />
            <source>GPU {} °C, {} % busy</source>
            <translation>GPU a {} °C, {} % ocupada</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Find automatically</source>
            <translation>Encontrar automáticamente</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Take the bands by their descriptions again.</source>
            <translation>Tomar de nuevo las bandas por sus descripciones.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Choose them in the lists, or stack the missing bands into the scene.</source>
            <translation>Elíjalas en las listas, o añada a la escena las bandas que faltan.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Scaling: {}.</source>
            <translation>Escalado: {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>chosen once the layer is copied</source>
            <translation>se elige cuando la capa esté copiada</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Choose a band for: {}.</source>
            <translation>Elija una banda para: {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Chosen by hand.</source>
            <translation>Elegidas a mano.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>In the order of {}.</source>
            <translation>En el orden de {}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Found automatically.</source>
            <translation>Encontradas automáticamente.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_panel.py" />
            <source>Taken in the model's order.</source>
            <translation>Tomadas en el orden del modelo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Needed</source>
            <translation>Necesaria</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Wavelength</source>
            <translation>Longitud de onda</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Scene's band</source>
            <translation>Banda de la escena</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band of the scene for {}</source>
            <translation>Banda de la escena para {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band {number} is used more than once: {bands}.</source>
            <translation>La banda {number} se usa más de una vez: {bands}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band {number} says that it is {found}, and is used for {wanted}.</source>
            <translation>La banda {number} dice que es {found}, y se usa para {wanted}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Missing</source>
            <translation>Falta</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Used more than once</source>
            <translation>Se usa más de una vez</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Does not say which band it is</source>
            <translation>No dice qué banda es</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Says that it is {}</source>
            <translation>Dice que es {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Fits</source>
            <translation>Coincide</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>missing: choose…</source>
            <translation>falta: elija…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/band_table.py" />
            <source>Band {}</source>
            <translation>Banda {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Choose a model that can be used to see its bands.</source>
            <translation>Elija un modelo que se pueda usar para ver sus bandas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Choose a scene to see its bands.</source>
            <translation>Elija una escena para ver sus bandas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Reading the scene…</source>
            <translation>Leyendo la escena…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/bands_wrapper.py" />
            <source>Looking at the scene's values…</source>
            <translation>Examinando los valores de la escena…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Date of {}</source>
            <translation>Fecha de {}</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>not found, such as 2023-03-14</source>
            <translation>no encontrada, por ejemplo 2023-03-14</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Reading the scenes…</source>
            <translation>Leyendo las escenas…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Without all dates the scenes go to the model in this order; it should be that of time.</source>
            <translation>Sin todas las fechas, las escenas llegan al modelo en este orden; debería ser el cronológico.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>Two scenes are of the same day.</source>
            <translation>Dos escenas son del mismo día.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/date_table.py" />
            <source>The scenes go to the model in the order of time.</source>
            <translation>Las escenas llegan al modelo en orden cronológico.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/dates_wrapper.py" />
            <source>Dates</source>
            <translation>Fechas</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Folder…</source>
            <translation>Carpeta…</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Choose a folder that holds a model.json and the model's weights.</source>
            <translation>Elija una carpeta que contenga un model.json y los pesos del modelo.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>(none)</source>
            <translation>(ninguno)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>There is no model yet. Choose the folder of one.</source>
            <translation>Aún no hay ningún modelo. Elija la carpeta de uno.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_chooser.py" />
            <source>Folder of a model</source>
            <translation>Carpeta de un modelo</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>{title} (to download)</source>
            <translation>{title} (por descargar)</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Not on this machine yet. Fetch it with Prithvi EO &gt; Models &gt; Download model in the Toolbox: {id}.</source>
            <translation>Aún no está en este equipo. Descárguelo con Prithvi EO &gt; Modelos &gt; Descargar modelo en la Caja de herramientas: {id}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>About {size}.</source>
            <translation>Unos {size}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>{maps} and {count} more</source>
            <translation>{maps} y {count} más</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Maps: {maps}. Needs: {bands}.</source>
            <translation>Cartografía: {maps}. Necesita: {bands}.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Made for pixels of about {metres:g} m.</source>
            <translation>Hecho para píxeles de unos {metres:g} m.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/gui/widgets/model_list.py" />
            <source>Looks at {count} dates.</source>
            <translation>Usa {count} fechas.</translation>
        </message>
        <message>
            <location filename="../../prithvi_qgis/provider.py" />
            <source>Prithvi EO segmentation (NASA/IBM Prithvi models on this machine)</source>
            <translation>Segmentación Prithvi EO (modelos Prithvi de NASA/IBM en este equipo)</translation>
        </message>
        <message>
            <source>Address of a Ray cluster, host:port, to which this machine belongs. Its machines need shared storage.</source>
            <translation type="vanished">Dirección de un clúster de Ray, equipo:puerto, al que pertenece este equipo. Sus equipos necesitan almacenamiento compartido.</translation>
        </message>
        <message>
            <source>Not on this machine yet. Fetch it with Prithvi EO &gt; Download model in the Toolbox: {id}.</source>
            <translation type="vanished">Aún no está en este equipo. Descárguelo con Prithvi EO &gt; Descargar modelo en la Caja de herramientas: {id}.</translation>
        </message>
        <message>
            <source>Tells whether the segmentation engine is installed, whether it runs, on which device, and what to do next. It starts nothing.

READY is true when a scene can be segmented. STATE is one of: not installed, stopped, starting, loading, idle, busy, not answering.</source>
            <translation type="vanished">Indica si el motor de segmentación está instalado, si está en marcha, en qué dispositivo, y cuál es el siguiente paso. No inicia nada.

READY es verdadero cuando se puede segmentar una escena. STATE es uno de: not installed (no instalado), stopped (parado), starting (iniciándose), loading (cargando), idle (en espera), busy (ocupado), not answering (no responde).</translation>
        </message>
        <message>
            <source>Installs the engine that runs the models (vLLM and TerraTorch) into a folder of yours, apart from QGIS's own Python. Needed once, and again when an update of the plugin asks for it. It takes about 7 GB of disk for CPU and 9 GB for CUDA, downloads 3 to 4 GB, and may be cancelled and run again at any time. An engine that is there is checked, and repaired if it does not work.

Variant: automatic takes what the options say (Settings &gt; Options &gt; Prithvi), or looks at the graphics card and its driver and says what it chose and why. CUDA needs an NVIDIA card of compute capability 7.5 or more (Turing, 2018) and driver 580 or newer.

Folder of wheels: for machines without a network. Everything then comes from this folder: that of a bundle (Export bundle), or bare wheels. More in the manual (docs/air-gapped.md).

The folder of the engine is set in the options, or by the environment variable PRITHVI_QGIS_HOME, else it is in your data folder. Proxy, mirror and certificate settings of uv and of pip are used; where they say nothing, QGIS's proxy and certificate authorities. In offline mode (options) nothing but a folder of wheels will do.</source>
            <translation type="vanished">Instala el motor que ejecuta los modelos (vLLM y TerraTorch) en una carpeta suya, aparte del Python de QGIS. Se necesita una vez, y de nuevo cuando una actualización del complemento lo pida. Ocupa unos 7 GB de disco para CPU y 9 GB para CUDA, descarga de 3 a 4 GB, y puede cancelarse y volver a ejecutarse en cualquier momento. Un motor que ya está instalado se comprueba, y se repara si no funciona.

Variante: la automática toma lo que dicen las opciones (Configuración &gt; Opciones &gt; Prithvi), o examina la tarjeta gráfica y su controlador e indica qué eligió y por qué. CUDA necesita una tarjeta NVIDIA con capacidad de cómputo 7.5 o superior (Turing, 2018) y el controlador 580 o posterior.

Carpeta de wheels: para equipos sin red. En ese caso todo sale de esta carpeta: la de un paquete (exportar paquete sin conexión), o una con los wheels solos. El manual dice más (docs/air-gapped.md).

La carpeta del motor se fija en las opciones o con la variable de entorno PRITHVI_QGIS_HOME; si no, está en su carpeta de datos. Se usan las configuraciones de proxy, réplica y certificados de uv y de pip; si no dicen nada, el proxy y las autoridades de certificación de QGIS. En el modo sin conexión (opciones) solo sirve una carpeta de wheels.</translation>
        </message>
        <message>
            <source>Least</source>
            <translation type="vanished">Mínimo</translation>
        </message>
        <message>
            <source>Most</source>
            <translation type="vanished">Máximo</translation>
        </message>
        <message>
            <source>Segment {}. {}</source>
            <translation type="vanished">Segmentar {}. {}</translation>
        </message>
        <message>
            <source>Segment {}, layer {} of {}. {}</source>
            <translation type="vanished">Segmentar {}, capa {} de {}. {}</translation>
        </message>
        <message>
            <source>Checking takes a minute.</source>
            <translation type="vanished">La comprobación tarda un minuto.</translation>
        </message>
        <message>
            <source>Makes a segmentation model that you trained in TerraTorch ready for Prithvi segment. Needed are the YAML of the training, as LightningCLI writes it, and its checkpoint.

Bands, means, standard deviations and the size of tiles are read from the YAML. Names and colours of the classes may be given as JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Without them the names of the training are used, or numbers, and colours that colour-blind people can tell apart.

Nothing that comes with the files is run: a configuration that names anything but known parts of TerraTorch is refused, and so is a checkpoint that holds more than weights.

From a bundle (Export bundle) take the model's model.json as configuration: configuration and weights lie beside it, their checksums are compared, and they are copied.

At last a tile is segmented by vLLM and by plain TerraTorch. If they disagree, nothing is imported.

The model is then in the folder models of the engine's data folder, under its id: choose it by that id in Prithvi segment. To remove a model, delete its folder.</source>
            <translation type="vanished">Prepara para la segmentación de Prithvi un modelo que usted entrenó en TerraTorch. Hacen falta el YAML del entrenamiento, tal como lo escribe LightningCLI, y su punto de control (checkpoint).

Las bandas, las medias, las desviaciones típicas y el tamaño de las teselas se leen del YAML. Los nombres y colores de las clases se pueden dar como JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Sin ellos se usan los nombres del entrenamiento, o números, y colores que las personas daltónicas distinguen.

No se ejecuta nada de lo que viene con los archivos: se rechaza una configuración que nombre algo que no sea una parte conocida de TerraTorch, y también un punto de control que contenga algo más que pesos.

De un paquete (exportar paquete sin conexión), elija como configuración el model.json del modelo: la configuración y los pesos están a su lado, se comparan sus sumas de comprobación y se copian.

Por último, vLLM y TerraTorch solo segmentan una misma tesela. Si no coinciden, no se importa nada.

El modelo queda en la carpeta models de la carpeta de datos del motor, con su identificador: elíjalo por ese identificador en la segmentación. Para quitar un modelo, borre su carpeta.</translation>
        </message>
        <message>
            <source>Makes a model that you trained in TerraTorch ready for Prithvi segment. Needed are the YAML of the training, as LightningCLI writes it, and its checkpoint.

Bands, means, standard deviations and the size of tiles are read from the YAML. Names and colours of the classes may be given as JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Without them the names of the training are used, or numbers, and colours that colour-blind people can tell apart. A class with "ignore": true has no data in masks. A model that predicts a quantity takes {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}.

Nothing that comes with the files is run: a configuration that names anything but known parts of TerraTorch is refused, and so is a checkpoint that holds more than weights.

At last a tile is segmented by vLLM and by plain TerraTorch. If they disagree, nothing is imported.

The model is then in the folder models of the engine's data folder, under its id: choose it by that id in Prithvi segment. To remove a model, delete its folder.</source>
            <translation type="vanished">Prepara para la segmentación de Prithvi un modelo que usted entrenó en TerraTorch. Hacen falta el YAML del entrenamiento, tal como lo escribe LightningCLI, y su punto de control (checkpoint).

Las bandas, las medias, las desviaciones típicas y el tamaño de las teselas se leen del YAML. Los nombres y colores de las clases se pueden dar como JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Sin ellos se usan los nombres del entrenamiento, o números, y colores que las personas daltónicas distinguen. Una clase con "ignore": true no tiene datos en las máscaras. Un modelo que predice una magnitud lleva {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}.

No se ejecuta nada de lo que viene con los archivos: se rechaza una configuración que nombre algo que no sea una parte conocida de TerraTorch, y también un punto de control que contenga algo más que pesos.

Por último, vLLM y TerraTorch solo segmentan una misma tesela. Si no coinciden, no se importa nada.

El modelo queda en la carpeta models de la carpeta de datos del motor, con su identificador: elíjalo por ese identificador en la segmentación. Para quitar un modelo, borre su carpeta.</translation>
        </message>
        <message>
            <source>The YAML of the training, with its model and data sections.</source>
            <translation type="vanished">El YAML del entrenamiento, con sus secciones model y data.</translation>
        </message>
        <message>
            <source>The weights: .ckpt as Lightning saves it, .pt, .pth or .safetensors.</source>
            <translation type="vanished">Los pesos: .ckpt tal como lo guarda Lightning, .pt, .pth o .safetensors.</translation>
        </message>
        <message>
            <source>The model's name in lists and in scripts: letters, digits, points, hyphens and underlines.</source>
            <translation type="vanished">El nombre del modelo en listas y scripts: letras, cifras, puntos, guiones y guiones bajos.</translation>
        </message>
        <message>
            <source>YAML files (*.yaml *.yml)</source>
            <translation type="vanished">Archivos YAML (*.yaml *.yml)</translation>
        </message>
        <message>
            <source>Installs the engine that runs the models (vLLM and TerraTorch) into a folder of yours, apart from QGIS's own Python. Needed once, and again when an update of the plugin asks for it. It takes about 7 GB of disk for CPU and 9 GB for CUDA, downloads 3 to 4 GB, and may be cancelled and run again at any time. An engine that is there is checked, and repaired if it does not work.

Variant: automatic takes what the options say (Settings &gt; Options &gt; Prithvi), or looks at the graphics card and its driver and says what it chose and why. CUDA needs an NVIDIA card of compute capability 7.5 or more (Turing, 2018) and driver 580 or newer.

Folder of wheels: for machines without a network. Everything then comes from this folder; how to fill it is told in the manual (docs/air-gapped.md).

The folder of the engine is set in the options, or by the environment variable PRITHVI_QGIS_HOME, else it is in your data folder. Proxy, mirror and certificate settings of uv and of pip are used; where they say nothing, QGIS's proxy and certificate authorities. In offline mode (options) nothing but a folder of wheels will do.</source>
            <translation type="vanished">Instala el motor que ejecuta los modelos (vLLM y TerraTorch) en una carpeta suya, aparte del Python de QGIS. Se necesita una vez, y de nuevo cuando una actualización del complemento lo pida. Ocupa unos 7 GB de disco para CPU y 9 GB para CUDA, descarga de 3 a 4 GB, y puede cancelarse y volver a ejecutarse en cualquier momento. Un motor que ya está instalado se comprueba, y se repara si no funciona.

Variante: la automática toma lo que dicen las opciones (Configuración &gt; Opciones &gt; Prithvi), o examina la tarjeta gráfica y su controlador e indica qué eligió y por qué. CUDA necesita una tarjeta NVIDIA con capacidad de cómputo 7.5 o superior (Turing, 2018) y el controlador 580 o posterior.

Carpeta de wheels: para equipos sin red. En ese caso todo sale de esta carpeta; el manual explica cómo llenarla (docs/air-gapped.md).

La carpeta del motor se fija en las opciones o con la variable de entorno PRITHVI_QGIS_HOME; si no, está en su carpeta de datos. Se usan las configuraciones de proxy, réplica y certificados de uv y de pip; si no dicen nada, el proxy y las autoridades de certificación de QGIS. En el modo sin conexión (opciones) solo sirve una carpeta de wheels.</translation>
        </message>
        <message>
            <source>Copying the layer to a temporary GeoTIFF for the engine.</source>
            <translation type="vanished">Copiando la capa a un GeoTIFF temporal para el motor.</translation>
        </message>
        <message>
            <source>A raster with the bands that the model needs, such as Sentinel-2, Landsat or HLS.</source>
            <translation type="vanished">Un ráster con las bandas que necesita el modelo, por ejemplo Sentinel-2, Landsat o HLS.</translation>
        </message>
        <message>
            <source>Makes a segmentation model that you trained in TerraTorch ready for Prithvi segment. Needed are the YAML of the training, as LightningCLI writes it, and its checkpoint.

Bands, means, standard deviations and the size of tiles are read from the YAML. Names and colours of the classes may be given as JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Without them the names of the training are used, or numbers, and colours that colour-blind people can tell apart.

Nothing that comes with the files is run: a configuration that names anything but known parts of TerraTorch is refused, and so is a checkpoint that holds more than weights.

At last a tile is segmented by vLLM and by plain TerraTorch. If they disagree, nothing is imported.

The model is then in the folder models of the engine's data folder, under its id: choose it by that id in Prithvi segment. To remove a model, delete its folder.</source>
            <translation type="vanished">Prepara para la segmentación de Prithvi un modelo que usted entrenó en TerraTorch. Hacen falta el YAML del entrenamiento, tal como lo escribe LightningCLI, y su punto de control (checkpoint).

Las bandas, las medias, las desviaciones típicas y el tamaño de las teselas se leen del YAML. Los nombres y colores de las clases se pueden dar como JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Sin ellos se usan los nombres del entrenamiento, o números, y colores que las personas daltónicas distinguen.

No se ejecuta nada de lo que viene con los archivos: se rechaza una configuración que nombre algo que no sea una parte conocida de TerraTorch, y también un punto de control que contenga algo más que pesos.

Por último, vLLM y TerraTorch solo segmentan una misma tesela. Si no coinciden, no se importa nada.

El modelo queda en la carpeta models de la carpeta de datos del motor, con su identificador: elíjalo por ese identificador en la segmentación. Para quitar un modelo, borre su carpeta.</translation>
        </message>
        <message>
            <source>A JSON list with value, name and color of each class.</source>
            <translation type="vanished">Una lista JSON con value, name y color de cada clase.</translation>
        </message>
        <message>
            <source>GeoTIFF with one value a class, 255 where the scene has no data, on exactly the scene's grid.</source>
            <translation type="vanished">GeoTIFF con un valor por clase, 255 donde la escena no tiene datos, exactamente en la cuadrícula de la escena.</translation>
        </message>
        <message>
            <source>hit: the same class</source>
            <translation type="vanished">acierto: la misma clase</translation>
        </message>
        <message>
            <source>false alarm: the mask says more than {}</source>
            <translation type="vanished">falsa alarma: la máscara dice más que {}</translation>
        </message>
        <message>
            <source>miss: the mask says {}</source>
            <translation type="vanished">omisión: la máscara dice {}</translation>
        </message>
    </context>
</TS>
