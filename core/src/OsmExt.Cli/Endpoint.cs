using System.CommandLine.Parsing;
using System.Net;

namespace OsmExt.Cli;

/// <summary>Addresses on the command line.</summary>
internal static class Endpoint
{
    /// <summary>Reads <c>ADDRESS:PORT</c> to listen on.</summary>
    public static IPEndPoint? Parse(ArgumentResult argument)
    {
        if (IPEndPoint.TryParse(argument.Tokens[^1].Value, out var endpoint) && argument.Tokens[^1].Value.Contains(':', StringComparison.Ordinal))
        {
            return endpoint;
        }

        argument.AddError($"\"{argument.Tokens[^1].Value}\" is no address to listen on; write ADDRESS:PORT, for example 127.0.0.1:9092");
        return null;
    }

    /// <summary>Reads <c>HOST:PORT</c> to connect to.</summary>
    public static DnsEndPoint? ParseHost(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        var colon = text.LastIndexOf(':');
        if (colon > 0 && int.TryParse(text.AsSpan(colon + 1), out var port) && port is > 0 and <= 65535)
        {
            return new(text[..colon].Trim('[', ']'), port);
        }

        argument.AddError($"\"{text}\" is no address to connect to; write HOST:PORT");
        return null;
    }

    /// <summary>Reads an <c>http</c> or <c>https</c> URL.</summary>
    public static Uri? ParseUrl(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[^1].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        argument.AddError($"\"{argument.Tokens[^1].Value}\" is no URL; write http://HOST:PORT or https://HOST:PORT");
        return null;
    }
}
