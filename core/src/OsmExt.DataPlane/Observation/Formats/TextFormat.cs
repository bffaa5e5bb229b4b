using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.DataPlane.Observation.Formats;

/// <summary>A text with command operators in it, as Envoy writes it.</summary>
internal sealed class TextFormat
{
    /// <summary>What is logged where no format is given.</summary>
    public const string Standard = "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% "
        + "%BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" "
        + "\"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

    private const string Missing = "-";
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly (string Literal, Command? Command)[] _pieces;

    private TextFormat((string, Command?)[] pieces) => _pieces = pieces;

    /// <exception cref="FormatException">It has a command that is not carried out, or none of which the end can be found.</exception>
    public static TextFormat Parse(string format)
    {
        var pieces = new List<(string, Command?)>();
        var literal = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                literal.Append(format[at]);
            }
            else if (at + 1 < format.Length && format[at + 1] == '%')
            {
                literal.Append('%');
                at++;
            }
            else
            {
                pieces.Add((literal.ToString(), null));
                literal.Clear();
                var (command, end) = ReadCommand(format, at + 1);
                pieces.Add(("", command));
                at = end;
            }
        }

        pieces.Add((literal.ToString(), null));
        return new([.. pieces.Where(piece => piece is not ("", null))]);
    }

    /// <summary>Whether it says the same of every request.</summary>
    public bool IsConstant => _pieces.All(piece => piece.Command is null);

    public string Print(StreamRecord stream, FormatContext context)
    {
        if (_pieces is [{ Command: null } only])
        {
            return only.Literal;
        }

        var text = new StringBuilder();
        foreach (var (literal, command) in _pieces)
        {
            text.Append(command is null ? literal : Plain(command(stream, context)));
        }

        return text.ToString();
    }

    /// <summary>The same as a JSON value: one command by itself keeps its type, and is null when it has nothing to say.</summary>
    public JsonNode? PrintValue(StreamRecord stream, FormatContext context)
        => _pieces is [{ Command: { } command }] ? command(stream, context)?.DeepClone() : JsonValue.Create(Print(stream, context));

    private static string Plain(JsonNode? value) => value switch
    {
        null => Missing,
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => value.ToJsonString(Compact),
    };

    // NAME, NAME(ARGUMENT) or NAME(ARGUMENT):LENGTH, up to the next %. An argument may hold everything but the end of it.
    private static (Command Command, int End) ReadCommand(string format, int start)
    {
        var at = start;
        while (at < format.Length && (char.IsAsciiLetterUpper(format[at]) || char.IsAsciiDigit(format[at]) || format[at] == '_'))
        {
            at++;
        }

        var (name, argument, limit) = (format[start..at], (string?)null, (int?)null);
        if (at < format.Length && format[at] == '(')
        {
            var close = EndOfArgument(format, at);
            argument = format[(at + 1)..close];
            at = close + 1;
        }

        if (at < format.Length && format[at] == ':')
        {
            var digits = at + 1;
            while (digits < format.Length && char.IsAsciiDigit(format[digits]))
            {
                digits++;
            }

            limit = int.TryParse(format[(at + 1)..digits], out var length) ? length : throw new FormatException($"%{name}...: has no number after the colon");
            at = digits;
        }

        if (name.Length == 0 || at >= format.Length || format[at] != '%')
        {
            throw new FormatException($"the command that begins with \"%{format[start..Math.Min(format.Length, start + 20)]}\" has no end");
        }

        return (Commands.Of(name, argument, limit), at);
    }

    private static int EndOfArgument(string format, int open)
    {
        // The argument of COALESCE is JSON, which may have anything between quotes.
        for (var (at, quoted) = (open + 1, false); at < format.Length; at++)
        {
            if (format[at] == '"' && format[at - 1] != '\\')
            {
                quoted = !quoted;
            }
            else if (format[at] == ')' && !quoted)
            {
                return at;
            }
        }

        throw new FormatException($"\"{format[open..Math.Min(format.Length, open + 20)]}\" has no closing parenthesis");
    }
}
