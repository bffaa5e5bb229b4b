namespace OsmExt.ControlPlane.Tests.Crashes;

/// <summary>This assembly run as a program: writes the second state over the first, and is killed while it does; or serves, for as long as its input is open.</summary>
internal static class WritingProgram
{
    public static int Main(string[] args)
    {
        if (args is [Attacks.ServingProgram.Word, var mesh])
        {
            return Attacks.ServingProgram.RunAsync(mesh).GetAwaiter().GetResult();
        }

        new KeptState(args[0]).WriteAfter();
        return 0;
    }
}
