// Has TikaWorker read small documents made here, so that what Java loads for that can be archived and need not be looked
// for, read and verified again at each start.
//
// Here: the documents, and the classes that these few do not reach.
// Not here: the archive (tika.py asks Java for it), the worker.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.poi.hslf.usermodel.HSLFSlideShow;
import org.apache.poi.hssf.usermodel.HSSFWorkbook;
import org.apache.poi.sl.usermodel.SlideShow;
import org.apache.poi.ss.usermodel.Workbook;
import org.apache.poi.xslf.usermodel.XMLSlideShow;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.apache.poi.xwpf.usermodel.XWPFDocument;

public final class TikaRehearsal {
    private static final String WORDS = "Words of a rehearsal";
    /** Readers of documents. Their other parts (servers, ciphers, schemas of drawings) are many and seldom needed. */
    private static final List<String> READERS = List.of(
            "org/apache/tika/", "org/apache/poi/", "org/apache/xmlbeans/", "org/apache/commons/compress/archivers/",
            "org/apache/commons/compress/compressors/", "org/apache/commons/io/", "com/microsoft/ooxml/", "com/pff/",
            "com/microsoft/schemas/office/", "org/apache/fontbox/", "org/apache/pdfbox/", "org/apache/xmpbox/",
            "org/mozilla/universalchardet/",
            "org/openxmlformats/schemas/wordprocessingml/x2006/main/impl/",
            "org/openxmlformats/schemas/spreadsheetml/x2006/main/impl/");
    private static final List<String> NO_READERS = List.of("org/apache/tika/server/", "org/apache/tika/pipes/");

    /** Arguments: Tika's jar, an empty folder. */
    public static void main(String[] arguments) throws Exception {
        load(arguments[0]);
        Path folder = Paths.get(arguments[1]);
        StringBuilder requests = new StringBuilder();
        int number = 0;
        for (byte[] document : documents()) {
            Path file = Files.write(folder.resolve("document-" + ++number), document);
            Path answer = Files.createDirectory(folder.resolve("answer-" + number));
            requests.append(String.join("\t", file.toString(), answer.toString(), "1000", "1000000", "1000000", "\n"));
        }
        Path socket = folder.resolve("socket");
        Thread worker = new Thread(() -> serve(socket));
        worker.setDaemon(true);
        worker.start();
        ask(socket, requests.toString(), number);
        System.exit(0);
    }

    private static void serve(Path socket) {
        try {
            TikaWorker.main(new String[] {socket.toString()});
        } catch (Exception failed) {
            Runtime.getRuntime().halt(1);
        }
    }

    private static void ask(Path socket, String requests, int number) throws Exception {
        while (!Files.exists(socket)) {
            Thread.sleep(10);
        }
        try (SocketChannel worker = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            worker.write(ByteBuffer.wrap(requests.getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answers = ByteBuffer.allocate(number * "done\n".length());
            while (answers.hasRemaining()) {
                if (worker.read(answers) < 0) {
                    throw new IOException("the worker left");
                }
            }
        }
    }

    private static void load(String jar) throws IOException {
        try (JarFile opened = new JarFile(jar)) {
            for (JarEntry entry : Collections.list(opened.entries())) {
                String name = entry.getName();
                if (name.endsWith(".class") && READERS.stream().anyMatch(name::startsWith)
                        && NO_READERS.stream().noneMatch(name::startsWith)) {
                    try {
                        Class.forName(name.substring(0, name.length() - 6).replace('/', '.'), false,
                                TikaRehearsal.class.getClassLoader());
                    } catch (ClassNotFoundException | LinkageError error) {
                        continue; // it needs what the jar leaves out
                    }
                }
            }
        }
    }

    private static List<byte[]> documents() throws IOException {
        return List.of(
                workbook(new HSSFWorkbook()), workbook(new XSSFWorkbook()),
                slides(new HSLFSlideShow()), slides(new XMLSlideShow()),
                letter(), openDocument(),
                ("{\\rtf1\\ansi{\\info{\\title t}} " + WORDS + "\\par}").getBytes(StandardCharsets.US_ASCII),
                ("%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\n").getBytes(StandardCharsets.US_ASCII),
                new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    }

    private static byte[] workbook(Workbook made) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (made) {
            made.createSheet("sheet").createRow(0).createCell(0).setCellValue(WORDS);
            made.getSheetAt(0).getRow(0).createCell(1).setCellValue(13.5);
            made.write(bytes);
        }
        return bytes.toByteArray();
    }

    private static byte[] slides(SlideShow<?, ?> made) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (made) {
            made.createSlide().createTextBox().setText(WORDS);
            made.write(bytes);
        }
        return bytes.toByteArray();
    }

    private static byte[] letter() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (XWPFDocument made = new XWPFDocument()) {
            made.createParagraph().createRun().setText(WORDS);
            made.createTable(1, 1).getRow(0).getCell(0).setText(WORDS);
            made.write(bytes);
        }
        return bytes.toByteArray();
    }

    private static byte[] openDocument() throws IOException {
        String office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";
        String text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("mimetype"));
            zip.write("application/vnd.oasis.opendocument.text".getBytes(StandardCharsets.US_ASCII));
            zip.putNextEntry(new ZipEntry("content.xml"));
            zip.write(("<o:document-content xmlns:o='" + office + "' xmlns:t='" + text + "'><o:body><o:text><t:p>" + WORDS
                    + "</t:p></o:text></o:body></o:document-content>").getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }
}
