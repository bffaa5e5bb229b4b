namespace OsmExt.ControlPlane.Tests.Crashes;

/// <summary>This assembly run as a program: writes the second state over the first, and is killed while it does.</summary>
internal static class WritingProgram
{
    public static int Main(string[] args)
    {
        new KeptState(args[0]).WriteAfter();
        return 0;
    }
}
