using Microsoft.AspNetCore.Connections;

namespace OsmExt.Demo;

/// <summary>Answers each line by itself, with a prefix. The client speaks first.</summary>
internal sealed class EchoProtocol : ConnectionHandler
{
    /// <summary>Whether lines are left unreported.</summary>
    public static bool Quiet { get; set; }

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await foreach (var line in Lines.ReadAsync(connection.Transport.Input))
        {
            await Lines.WriteAsync(connection.Transport.Output, $"echo response: {line}");
            if (!Quiet)
            {
                new RequestLine("tcp-echo-server", "server", "TCP", line, 200).Print();
            }
        }
    }
}
