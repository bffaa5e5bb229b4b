using System.Diagnostics;
using System.Text;
using System.Text.Json;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.GrpcJs;

/// <summary>Runs client.js with @grpc/grpc-js-xds, which the build puts beside the tests.</summary>
internal sealed class GrpcJsClient : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly string[] Features = ["xds_v3"];

    private readonly Process _node;
    private readonly StringBuilder _errors = new();

    public GrpcJsClient(Uri server, string nodeId)
    {
        var start = new ProcessStartInfo("node", "client.js")
        {
            WorkingDirectory = Path.Join(AppContext.BaseDirectory, "GrpcJs"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("GRPC_XDS_BOOTSTRAP");
        start.Environment["GRPC_XDS_BOOTSTRAP_CONFIG"] = Bootstrap(server, nodeId);
        _node = Process.Start(start)!;
        _node.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        _node.BeginErrorReadLine();
    }

    /// <summary>Makes calls, one after another, and counts who answered.</summary>
    public async Task<Answers> CallAsync(string target, int calls)
    {
        await _node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { target, calls }, Json));
        await _node.StandardInput.FlushAsync();
        var line = await _node.StandardOutput.ReadLineAsync().WaitAsync(2 * Eventually.Patience);
        Assert.True(line is not null, $"node has ended: {Errors()}");
        return JsonSerializer.Deserialize<Answers>(line, Json)!;
    }

    public void Dispose()
    {
        _node.Kill(entireProcessTree: true);
        _node.Dispose();
    }

    // The library knows no client certificates towards the xDS server, hence the plaintext port.
    private static string Bootstrap(Uri server, string nodeId) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["xds_servers"] = new object[]
        {
            new Dictionary<string, object>
            {
                ["server_uri"] = server.Authority,
                ["channel_creds"] = new object[] { new { type = "insecure" } },
                ["server_features"] = Features,
            },
        },
        ["node"] = new { id = nodeId, locality = new { } },
    });

    private string Errors()
    {
        lock (_errors)
        {
            return _errors.ToString();
        }
    }

    /// <param name="Answered">How often each server answered.</param>
    /// <param name="Errors">How often calls failed with each message.</param>
    internal sealed record Answers(
        [property: System.Text.Json.Serialization.JsonPropertyName("answers")] Dictionary<string, int> Answered, Dictionary<string, int> Errors);
}
