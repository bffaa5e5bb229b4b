using System.Text;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>The content of a file, or the reason why there is none.</summary>
/// <param name="Text">The content.</param>
/// <param name="Problem">The reason.</param>
/// <param name="MayPass">Whether the reason may go away without a trace in the file's stamp, as permissions do.</param>
internal sealed record FileText(string? Text, Diagnostic? Problem, bool MayPass = false)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static FileText Read(FileStamp file, long maxBytes)
    {
        if (file.Problem is { } problem)
        {
            return Unreadable(file, problem, "Put a readable file in its place, or remove it");
        }

        if (file.Length > maxBytes)
        {
            return Unreadable(file, $"It has {file.Length} bytes; the limit is {maxBytes}", "Split it into several files");
        }

        // Pipes and devices have no length either, and opening one could block for ever.
        if (file.Length == 0)
        {
            return new("", null);
        }

        try
        {
            using var reader = new StreamReader(new MemoryStream(Bytes(file)), StrictUtf8, detectEncodingFromByteOrderMarks: true);
            return new(reader.ReadToEnd(), null);
        }
        catch (DecoderFallbackException)
        {
            return new(null, new(DiagnosticCodes.Syntax, Severity.Error, null, "", "It is not UTF-8 text", "Save it as UTF-8", new SourceLocation(file.Label)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Unreadable(file, Describe(exception), "Make it readable for this process, or remove it") with { MayPass = true };
        }
    }

    /// <summary>The trouble in words, without the path, which the location gives.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        UnauthorizedAccessException => "Access is denied",
        FileNotFoundException or DirectoryNotFoundException => "There is no such file or directory",
        _ => exception.Message.TrimEnd('.'),
    };

    // No more than the stamp says: what is written meanwhile shows in the next stamp.
    private static byte[] Bytes(FileStamp file)
    {
        using var stream = new FileStream(file.ResolvedPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[file.Length];
        var count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return count == buffer.Length ? buffer : buffer[..count];
    }

    private static FileText Unreadable(FileStamp file, string message, string advice)
        => new(null, new(DiagnosticCodes.Unreadable, Severity.Error, null, "", message, advice, new SourceLocation(file.Label)));
}
