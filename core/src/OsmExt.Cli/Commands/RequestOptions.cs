using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Commands;

/// <summary>Options that describe one request.</summary>
internal sealed class RequestOptions
{
    private readonly Option<string> _from = new("--from")
    {
        Description = "The client: a pod, or an address outside the mesh.",
        Required = true,
        HelpName = "NAMESPACE/POD",
    };

    private readonly Option<DnsEndPoint> _to = new("--to")
    {
        Description = "What it dials: a service's name in any form the client's DNS takes, or an address.",
        Required = true,
        CustomParser = Endpoint.ParseHost!,
        HelpName = "HOST:PORT",
    };

    private static readonly string[] Protocols = ["http", "https", "grpc", "tcp", "tls"];

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "http, grpc or tcp; https or tls where the client itself begins with TLS, with HTTP or anything else in it.", DefaultValueFactory = _ => "http",
    };

    private readonly Option<string?> _serverName = new("--server-name") { Description = "With https and tls, the server the client asks for; empty for none. Default: HOST, or none if that is an address." };

    private readonly Option<string[]> _certificate = new("--certificate")
    {
        Description = "With https and tls, a name in the client's certificate: a DNS name or a URI. May be given several times. Default: it has no certificate.", HelpName = "NAME",
    };

    private readonly Option<string?> _method = new("--method") { Description = "HTTP method. Default: GET, and POST for grpc." };
    private readonly Option<string> _path = new("--path") { Description = "HTTP path, with query if any.", DefaultValueFactory = _ => "/" };

    private readonly Option<(string, string)[]> _headers = new("--header", "-H")
    {
        Description = "A request header. May be given several times; host replaces the one made of --to. Default: none.",
        CustomParser = ParseHeaders,
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string?> _authorizer = new("--authorizer")
    {
        Description = "What authorization servers that proxies ask are taken to answer: allow or deny. Default: what depends on it is undecided.",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _protocol.AcceptOnlyFromAmong(Protocols);
        _authorizer.AcceptOnlyFromAmong("allow", "deny");
        foreach (var option in new Option[] { _from, _to, _protocol, _serverName, _certificate, _method, _path, _headers, _authorizer })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The request they describe.</summary>
    public RequestText Read(ParseResult parsed)
    {
        var to = parsed.GetRequiredValue(_to);
        return new(parsed.GetRequiredValue(_from), to.Host, to.Port)
        {
            Protocol = Protocol(parsed.GetRequiredValue(_protocol)),
            Tls = IsTls(parsed.GetRequiredValue(_protocol)),
            ServerName = parsed.GetValue(_serverName),
            Certificate = [.. parsed.GetValue(_certificate) ?? []],
            Method = parsed.GetValue(_method),
            Path = parsed.GetRequiredValue(_path),
            Headers = [.. parsed.GetValue(_headers) ?? []],
            Authorizer = Answer(parsed.GetValue(_authorizer)),
        };
    }

    /// <summary>Whether a protocol is known by that word.</summary>
    public static bool IsProtocol(string word) => Protocols.Contains(word, StringComparer.Ordinal);

    /// <summary>What is in the connection.</summary>
    public static SimulatedProtocol Protocol(string word) => word switch { "grpc" => SimulatedProtocol.Grpc, "tcp" or "tls" => SimulatedProtocol.Tcp, _ => SimulatedProtocol.Http };

    /// <summary>Whether the client itself begins with TLS.</summary>
    public static bool IsTls(string word) => word is "https" or "tls";

    /// <summary>An assumed answer as it is written.</summary>
    public static AuthorizerAnswer Answer(string? word)
        => word switch { "allow" => AuthorizerAnswer.Allow, "deny" => AuthorizerAnswer.Deny, _ => AuthorizerAnswer.Unknown };

    private static (string, string)[] ParseHeaders(ArgumentResult argument)
    {
        var headers = new List<(string, string)>();
        foreach (var token in argument.Tokens)
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                argument.AddError($"\"{token.Value}\" is no header; write NAME=VALUE");
                continue;
            }

            headers.Add((token.Value[..equals].Trim(), token.Value[(equals + 1)..]));
        }

        return [.. headers];
    }
}
