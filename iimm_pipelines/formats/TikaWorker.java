// Reads documents that are named on standard input or on a Unix socket, one a line, and answers one line each.
//
// Here: Apache Tika without OCR and without programs of its own, one level deep: a file found inside another is written
// out as bytes and not read, since who asked makes it an item and has it read in its turn.
// Not here: limits of time, and what a found file means (tika.py).

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.poi.poifs.filesystem.DirectoryEntry;
import org.apache.poi.poifs.filesystem.EntryUtils;
import org.apache.poi.poifs.filesystem.POIFSFileSystem;
import org.apache.tika.config.TikaConfig;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.UnsupportedFormatException;
import org.apache.tika.exception.WriteLimitReachedException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.extractor.ParsingEmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.parser.AutoDetectParser;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.PasswordProvider;
import org.xml.sax.Attributes;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

public final class TikaWorker {
    private static final int OUT_OF_MEMORY = 77;
    private static final int GIVEN_UP = 78;
    private static final String CONFIGURATION =
            "<properties><parsers><parser class='org.apache.tika.parser.DefaultParser'>"
                    + "<parser-exclude class='org.apache.tika.parser.ocr.TesseractOCRParser'/>"
                    + "<parser-exclude class='org.apache.tika.parser.external.CompositeExternalParser'/>"
                    + "</parser></parsers></properties>";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TikaConfig configuration;
    private final AutoDetectParser parser;

    private TikaWorker() throws Exception {
        configuration = new TikaConfig(new ByteArrayInputStream(CONFIGURATION.getBytes(StandardCharsets.UTF_8)));
        parser = new AutoDetectParser(configuration);
    }

    /** With a socket's path, the few that connect there are answered at once; else one on the standard streams. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            serve(Paths.get(arguments[0]));
            return;
        }
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        TikaWorker worker = new TikaWorker();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            worker.answer(line);
            answers.println("done");
            answers.flush();
        }
    }

    /** Bound before anything is loaded, so that who connects need not try again and again. */
    private static void serve(Path socket) throws Exception {
        System.setOut(System.err);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            TikaWorker worker = new TikaWorker();
            while (true) {
                SocketChannel asker = server.accept();
                new Thread(() -> worker.hear(asker)).start();
            }
        }
    }

    /** Who leaves before the answer has given up on a document: no thread can be ended but with all of Java. */
    private void hear(SocketChannel asker) {
        AtomicBoolean busy = new AtomicBoolean();
        ExecutorService reading = Executors.newSingleThreadExecutor();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer heard = ByteBuffer.allocate(1 << 12);
        try (asker) {
            while (asker.read(heard) >= 0) {
                heard.flip();
                while (heard.hasRemaining()) {
                    byte next = heard.get();
                    if (next != '\n') {
                        line.write(next);
                        continue;
                    }
                    String request = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    busy.set(true);
                    reading.execute(() -> say(asker, request, busy));
                }
                heard.clear();
            }
        } catch (IOException gone) {
            // as if it had said so
        }
        if (busy.get()) {
            Runtime.getRuntime().halt(GIVEN_UP);
        }
        reading.shutdown();
    }

    private void say(SocketChannel asker, String request, AtomicBoolean busy) {
        try {
            answer(request);
            busy.set(false);
            asker.write(ByteBuffer.wrap("done\n".getBytes(StandardCharsets.UTF_8)));
        } catch (Throwable error) {
            Runtime.getRuntime().halt(GIVEN_UP);
        }
    }

    /** A request: path, folder for the answer, most members, most bytes, most characters, password in Base64. */
    private void answer(String line) throws IOException {
        String[] request = line.split("\t", -1);
        try (Answer answer = new Answer(request)) {
            answer.end(read(configuration, parser, Paths.get(request[0]), request[5], answer));
        } catch (OutOfMemoryError error) {
            Runtime.getRuntime().halt(OUT_OF_MEMORY);
        }
    }

    /** The name of a reason, or nothing if all went well. */
    private static String read(TikaConfig configuration, Parser parser, Path path, String password, Answer answer)
            throws IOException {
        ParseContext context = new ParseContext();
        // Parsers that find none here make the default one, which looks for tesseract, ffmpeg and exiftool by starting them.
        context.set(TikaConfig.class, configuration);
        context.set(Parser.class, parser);
        context.set(EmbeddedDocumentExtractor.class, new Children(context, answer));
        if (!password.isEmpty()) {
            String clear = new String(Base64.getDecoder().decode(password), StandardCharsets.UTF_8);
            context.set(PasswordProvider.class, metadata -> clear);
        }
        Metadata metadata = new Metadata();
        String reason = "";
        try (TikaInputStream input = TikaInputStream.get(path)) {
            parser.parse(input, new Blocks(answer, metadata), metadata, context);
        } catch (OutOfMemoryError error) {
            throw error;
        } catch (Throwable error) {
            reason = reason(error);
        }
        answer.metadata(metadata);
        return reason;
    }

    private static String reason(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
            if (cause instanceof EncryptedDocumentException
                    || cause instanceof org.apache.poi.EncryptedDocumentException) {
                return "ENCRYPTED";
            }
            if (cause instanceof Full || cause instanceof WriteLimitReachedException
                    || cause instanceof StackOverflowError) {
                return "LIMIT_REACHED";
            }
            if (cause instanceof UnsupportedFormatException) {
                return "UNSUPPORTED";
            }
            if (cause instanceof EOFException) {
                return "TRUNCATED";
            }
        }
        return "DAMAGED";
    }

    /** More than the parent allows. */
    private static final class Full extends SAXException {
        private static final long serialVersionUID = 1L;
    }

    /** What is found, written as it is found, so that nothing of it has to stay in memory. */
    private static final class Answer implements AutoCloseable {
        private final Path folder;
        private final BufferedWriter lines;
        private final int mostMembers;
        private long bytesLeft;
        private long charactersLeft;
        private int members;
        private boolean full;

        Answer(String[] request) throws IOException {
            folder = Paths.get(request[1]);
            lines = Files.newBufferedWriter(folder.resolve("answer"), StandardCharsets.UTF_8);
            mostMembers = Integer.parseInt(request[2]);
            bytesLeft = Long.parseLong(request[3]);
            charactersLeft = Long.parseLong(request[4]);
        }

        private void line(Map<String, Object> values) throws IOException {
            // Java's own encoder refuses lone surrogates; here they become U+FFFD.
            values.replaceAll((key, value) -> value instanceof String ? whole((String) value) : value);
            lines.write(JSON.writeValueAsString(values));
            lines.newLine();
        }

        private static String whole(String text) {
            StringBuilder found = null;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                boolean paired = Character.isHighSurrogate(c) && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (paired) {
                    i++;
                } else if (Character.isSurrogate(c)) {
                    found = found == null ? new StringBuilder(text) : found;
                    found.setCharAt(i, '\ufffd');
                }
            }
            return found == null ? text : found.toString();
        }

        private void checkRoom() throws Full {
            // Some parsers catch what is thrown at them: then it is thrown again, and the end says so.
            full = full || bytesLeft < 0 || charactersLeft < 0;
            if (full) {
                throw new Full();
            }
        }

        void block(String field, int page, String sheet, int row, String text) throws IOException, Full {
            checkRoom();
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("field", field);
            values.put("page", page == 0 ? null : page);
            values.put("sheet", sheet);
            values.put("row", row == 0 ? null : row);
            values.put("text", text);
            line(values);
            charactersLeft -= text.length();
            checkRoom();
        }

        void metadata(Metadata metadata) throws IOException {
            for (String name : metadata.names()) {
                for (String value : metadata.getValues(name)) {
                    Map<String, Object> values = new LinkedHashMap<>();
                    values.put("name", name);
                    values.put("value", value);
                    line(values);
                }
            }
        }

        void member(InputStream input, Metadata metadata) throws IOException, Full {
            full = full || members >= mostMembers;
            checkRoom();
            String id = String.format("%06d", ++members);
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("member", id);
            values.put("called", metadata.get(TikaCoreProperties.RESOURCE_NAME_KEY));
            values.put("kind", metadata.get(TikaCoreProperties.EMBEDDED_RESOURCE_TYPE));
            values.put("modified", metadata.get(TikaCoreProperties.MODIFIED));
            boolean complete = false;
            try (OutputStream output = Files.newOutputStream(folder.resolve(id))) {
                Object container = input instanceof TikaInputStream ? ((TikaInputStream) input).getOpenContainer() : null;
                if (container instanceof DirectoryEntry) {
                    writeCompoundFile((DirectoryEntry) container, output);
                } else {
                    copy(input, output);
                }
                complete = true;
            } catch (IOException | RuntimeException error) {
                values.put("broken", true);
            } finally {
                values.put("complete", complete);
                line(values);
            }
        }

        /** An embedded compound file has no bytes of its own: it is a folder of its parent's. */
        private static void writeCompoundFile(DirectoryEntry entry, OutputStream output) throws IOException {
            try (POIFSFileSystem file = new POIFSFileSystem()) {
                file.getRoot().setStorageClsid(entry.getStorageClsid());
                EntryUtils.copyNodes(entry, file.getRoot());
                file.writeFilesystem(output);
            }
        }

        private void copy(InputStream input, OutputStream output) throws IOException, Full {
            byte[] block = new byte[1 << 16];
            for (int read = input.read(block); read >= 0; read = input.read(block)) {
                bytesLeft -= read;
                checkRoom();
                output.write(block, 0, read);
            }
        }

        void end(String reason) throws IOException {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("end", full ? "LIMIT_REACHED" : reason);
            line(values);
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    /** Files inside the file. A message of a mailbox has no bytes of its own: it is read where it stands. */
    private static final class Children extends ParsingEmbeddedDocumentExtractor {
        private final Answer answer;

        Children(ParseContext context, Answer answer) {
            super(context);
            this.answer = answer;
        }

        @Override
        public boolean shouldParseEmbedded(Metadata metadata) {
            return true;
        }

        @Override
        public void parseEmbedded(InputStream input, ContentHandler handler, Metadata metadata, boolean outputHtml)
                throws SAXException, IOException {
            Object container = input instanceof TikaInputStream ? ((TikaInputStream) input).getOpenContainer() : null;
            boolean inPlace = container != null && container.getClass().getName().startsWith("com.pff.");
            if (inPlace) {
                super.parseEmbedded(input, handler, metadata, outputHtml);
            } else {
                answer.member(input, metadata);
            }
        }
    }

    /** Paragraphs, and rows of tables with a tab between cells, from the XHTML that Tika makes. */
    private static final class Blocks extends DefaultHandler {
        private final Answer answer;
        private final Metadata metadata;
        private final StringBuilder text = new StringBuilder();
        private boolean inHead;
        private boolean inSheetName;
        private int rowsOpen;
        private int page;
        private int row;
        private String sheet;
        private String field = "text";

        Blocks(Answer answer, Metadata metadata) {
            this.answer = answer;
            this.metadata = metadata;
        }

        @Override
        public void startElement(String uri, String name, String qualified, Attributes attributes) throws SAXException {
            String style = attributes.getValue("class");
            switch (name) {
                case "head":
                    inHead = true;
                    break;
                case "tr":
                    if (rowsOpen++ == 0) {
                        flush();
                        row++;
                    }
                    break;
                case "td":
                case "th":
                    if (text.length() > 0) {
                        text.append('\t');
                    }
                    break;
                case "br":
                    text.append('\n');
                    break;
                case "table":
                    if (rowsOpen == 0) {
                        flush();
                        row = 0;
                    }
                    break;
                case "h1":
                    border();
                    inSheetName = isSpreadsheet() && rowsOpen == 0;
                    break;
                case "div":
                case "p":
                    border();
                    if (style != null && (style.equals("page") || style.equals("slide") || style.equals("slide-content"))
                            && !isSpreadsheet()) {
                        page++;
                    }
                    if (style != null && (style.contains("comment") || style.contains("annotation"))) {
                        field = "annotation";
                    }
                    break;
                case "h2":
                case "h3":
                case "h4":
                case "h5":
                case "h6":
                case "li":
                case "blockquote":
                    border();
                    break;
                default:
            }
        }

        @Override
        public void endElement(String uri, String name, String qualified) throws SAXException {
            switch (name) {
                case "head":
                    inHead = false;
                    text.setLength(0);
                    break;
                case "tr":
                    if (--rowsOpen == 0) {
                        write(isSpreadsheet() ? "sheet row" : field, row);
                    }
                    break;
                case "h1":
                    if (inSheetName) {
                        sheet = text.toString().strip();
                        inSheetName = false;
                    }
                    border();
                    break;
                case "div":
                case "p":
                    border();
                    field = "text";
                    break;
                case "h2":
                case "h3":
                case "h4":
                case "h5":
                case "h6":
                case "li":
                case "blockquote":
                case "table":
                    border();
                    break;
                default:
            }
        }

        @Override
        public void characters(char[] characters, int start, int length) throws SAXException {
            if (!inHead) {
                text.append(characters, start, length);
                if (text.length() > answer.charactersLeft) {
                    flush();
                }
            }
        }

        @Override
        public void ignorableWhitespace(char[] characters, int start, int length) throws SAXException {
            characters(characters, start, length);
        }

        @Override
        public void endDocument() throws SAXException {
            flush();
        }

        private boolean isSpreadsheet() {
            String type = metadata.get(Metadata.CONTENT_TYPE);
            return type != null && (type.contains("sheet") || type.contains("excel"));
        }

        private void border() throws SAXException {
            if (rowsOpen == 0) {
                flush();
            } else if (text.length() > 0 && text.charAt(text.length() - 1) != '\n') {
                // Cells hold paragraphs of their own; the row stays together.
                text.append(' ');
            }
        }

        private void flush() throws SAXException {
            write(field, 0);
        }

        private void write(String kind, int number) throws SAXException {
            String found = text.toString().strip();
            text.setLength(0);
            if (!found.isEmpty()) {
                try {
                    answer.block(kind, page, sheet, number, found);
                } catch (IOException error) {
                    throw new SAXException(error);
                }
            }
        }
    }
}
