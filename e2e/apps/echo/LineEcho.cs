using Microsoft.AspNetCore.Connections;

namespace OsmExt.Demo.Echo;

/// <summary>Says each line back with the pod's name before it. The client speaks first.</summary>
internal class LineEcho : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await foreach (var line in Lines.ReadAsync(connection.Transport.Input))
        {
            await Lines.WriteAsync(connection.Transport.Output, $"{HttpEcho.Pod} {line}");
        }
    }
}

/// <summary>The same after a greeting: the server speaks first.</summary>
internal sealed class GreetingEcho : LineEcho
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await Lines.WriteAsync(connection.Transport.Output, $"hello from {HttpEcho.Pod}");
        await base.OnConnectedAsync(connection);
    }
}
